// s3rver over TLS, with what it lacks: it takes every signature of version 4. Here each is calculated anew, by aws4, and one
// that differs is refused, as a real store does.
'use strict';
const fs = require('fs');
const path = require('path');
const modules = path.join(process.argv[2], 'node_modules');
const folder = process.argv[3];
const aws4 = require(path.join(modules, 'aws4'));
const S3rver = require(path.join(modules, 's3rver'));

const key = {accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER'};

function signatureOf(request) {
  const authorization = request.headers.authorization || '';
  const parts = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(authorization);
  if (parts === null) return null;
  const headers = {};
  for (const name of parts[2].split(';')) headers[name] = request.headers[name];
  const signed = aws4.sign({service: 's3', region: parts[1], method: request.method, path: request.url,
                            host: request.headers.host, headers, doNotModifyHeaders: false}, key);
  return {sent: parts[3], right: /Signature=([0-9a-f]{64})/.exec(signed.headers.Authorization)[1]};
}

const server = new S3rver({
  address: '127.0.0.1', port: 0, silent: true, vhostBuckets: false, directory: path.join(folder, 'data'),
  key: fs.readFileSync(path.join(folder, 'key.pem')), cert: fs.readFileSync(path.join(folder, 'cert.pem')),
  configureBuckets: [{name: 'yilian-test', configs: []}],
});
server.middleware.unshift(async (context, next) => {
  const signature = signatureOf(context.req);
  if (signature !== null && signature.sent === signature.right) return next();
  context.status = 403;
  context.type = 'application/xml';
  context.body = '<Error><Code>SignatureDoesNotMatch</Code></Error>';
});
server.run().then(({address, port}) => console.log(`listening on ${address}:${port}`));
