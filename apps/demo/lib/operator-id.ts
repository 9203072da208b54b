const mark = '-operator';

/** What somebody is known by while they answer as an operator. */
export const operatorIdOf = (visitorId: string): string => visitorId + mark;

/** Whether two ids are one person's, in whatever role. */
export const isSamePerson = (one: string, other: string): boolean =>
  personOf(one) === personOf(other);

const personOf = (id: string): string => (id.endsWith(mark) ? id.slice(0, -mark.length) : id);
