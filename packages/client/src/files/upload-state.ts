/** How far a file is on its way to the server. */
export type UploadState =
  /** The server is asked to make a file of the pieces. */
  | 'ending'
  /** The server is asked which pieces it has, or whether it has that file already. */
  | 'asking'
  /** Pieces are being sent, one after the other. */
  | 'putting'
  | 'kept';

/** The server has the file; it lacks pieces, and is to be asked for which; some of them have to be sent; none any more. */
export type UploadEvent = 'kept' | 'gap' | 'some' | 'none';

type Row = { readonly [EVENT in UploadEvent]?: UploadState };

/** The whole of an upload. Where there is no cell, nothing changes. */
export const uploads: { readonly [STATE in UploadState]: Row } = {
  ending: { kept: 'kept', gap: 'asking' },
  asking: { kept: 'kept', some: 'putting', none: 'ending' },
  putting: { some: 'putting', none: 'ending' },
  kept: {},
};
