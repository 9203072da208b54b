/** Who is signed in: in its place stands what your app has. */
export const session = {
  userId: 'ann',
  accessToken: async (): Promise<string> => 'a token that your server knows',
};
