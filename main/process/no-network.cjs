// Loaded first in every worker process (--require): the permission model of Node 24 does not cover the network, so the
// ways to open a connection are taken away before any other code runs. Workers parse untrusted bytes and run models;
// neither ever needs a network. Goes when --allow-net exists in the Node that we ship (25).
const deny = () => {
  throw Object.assign(new Error('A worker process has no network.'), { code: 'ERR_ACCESS_DENIED' });
};
const net = require('node:net');
const dgram = require('node:dgram');
const dns = require('node:dns');

const lock = (object, name) =>
  Object.defineProperty(object, name, { value: deny, writable: false, configurable: false });
lock(net.Socket.prototype, 'connect');
lock(net.Server.prototype, 'listen');
lock(dgram.Socket.prototype, 'send');
lock(dgram.Socket.prototype, 'bind');
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) lock(dns, name);
process.binding = deny;
