import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** As much of S3 as the driver asks for: objects by their paths. */
export async function playedS3(): Promise<{
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
}> {
  const objects = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    const body: Buffer[] = [];
    for await (const part of request) body.push(part as Buffer);
    const isSigned = /^AWS4-HMAC-SHA256 /.test(request.headers.authorization ?? '');
    const found = objects.get(path);
    if (!isSigned) response.writeHead(403).end();
    else if (request.method === 'PUT') {
      objects.set(path, Buffer.concat(body));
      response.end();
    } else if (request.method === 'DELETE') {
      objects.delete(path);
      response.writeHead(204).end();
    } else if (found) response.end(found);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, objects };
}
