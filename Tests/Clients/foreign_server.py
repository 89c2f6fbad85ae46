"""A Modbus TCP server that is not ours: pymodbus, in a thread of its own."""

import asyncio
import contextlib
import threading

from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import ModbusTcpServer


@contextlib.contextmanager
def foreign_server(holding, coils):
    """Its port; the lists begin at address 0."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def on_loop(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(8)

    async def start():
        # Its blocks count from 1.
        device = ModbusDeviceContext(
            hr=ModbusSequentialDataBlock(1, holding), co=ModbusSequentialDataBlock(1, coils))
        server = ModbusTcpServer(ModbusServerContext(devices=device, single=True), address=("127.0.0.1", 0))
        assert await server.listen()
        return server

    server = on_loop(start())
    try:
        yield server.transport.sockets[0].getsockname()[1]
    finally:
        on_loop(server.shutdown())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(8)
        loop.close()
