const client = require('@holdfast/client');
const server = require('@holdfast/server');
const node = require('@holdfast/server/node');
const ai = require('ai');
const { model } = require('./model.js');
const { session } = require('./session.cjs');

session({ ai, client, node, server }, model);
