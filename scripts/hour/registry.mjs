// A registry that has the packages as they would be published, and sends on to the real one for everything else.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

/**
 * @param {Record<string, string>} archives by the package's name
 * @param {string} upstream the address of the real one
 */
export async function startRegistry(archives, upstream) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const name = path.slice(1).replace(/\/-\/.*$/, '');
    const archive = archives[name];
    if (archive === undefined)
      return response.writeHead(307, { location: new URL(request.url, upstream).href }).end();
    if (path !== `/${name}`) return response.end(readFileSync(archive));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(documentOf(name, archive, url)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://localhost:${server.address().port}`;
  return {
    url,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What npm reads of a package. */
function documentOf(name, archive, url) {
  const options = { encoding: 'utf8', maxBuffer: 1_000_000 };
  const text = execFileSync('tar', ['-xzOf', archive, 'package/package.json'], options);
  const manifest = JSON.parse(text);
  const { version } = manifest;
  const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  const dist = { tarball: `${url}/${name}/-/${version}.tgz`, integrity };
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
}
