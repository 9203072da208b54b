import type { FileUIPart } from 'ai';

/** What was sent, and what the chat route serves. A file of another place is not led to. */
const isOurs = (url: string): boolean => url.startsWith('data:') || url.startsWith('/');

/** The files of a message: pictures as such, and anything else to be saved. */
export function MessageFiles({ files }: { readonly files: readonly FileUIPart[] }) {
  if (files.length === 0) return null;
  return (
    <ul aria-label="Files" className="flex flex-wrap justify-end gap-2">
      {files.map((file, at) => {
        const key = `${file.filename} ${at}`;
        return (
          <li key={key} data-testid="file" className="max-w-64 text-sm">
            <MessageFile file={file} />
          </li>
        );
      })}
    </ul>
  );
}

function MessageFile({ file: { url, filename, mediaType } }: { readonly file: FileUIPart }) {
  const name = filename ?? 'a file';
  if (!isOurs(url)) return <span className="truncate">{name}</span>;
  if (mediaType.startsWith('image/'))
    return <img src={url} alt={name} className="max-h-40 rounded-xl border bg-card" />;
  return (
    <a
      href={url}
      download={name}
      className="inline-flex max-w-full rounded-xl border bg-card px-3 py-2 hover:bg-muted"
    >
      <span className="truncate">{name}</span>
    </a>
  );
}
