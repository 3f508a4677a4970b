// Preloaded into Portkey, which has no option for it: it listens where only this machine can ask, on a port that the system
// picks and that whoever started it is told.
import { Server } from 'node:net';

// oxlint-disable-next-line typescript/unbound-method -- It is called with the server that it is asked of.
const { listen } = Server.prototype;
Server.prototype.listen = function (_port, _host, done) {
  return listen.call(this, 0, '127.0.0.1', () => {
    process.send?.({ port: this.address().port });
    done?.call(this);
  });
};
