"""Modbus Security: openssl and pymodbus with certificates of every kind, and certificates that are renewed."""

import contextlib
import re
import socket
import ssl
import struct
import subprocess

from pymodbus.client import ModbusTlsClient
from pymodbus.exceptions import ModbusException

from certificates import CLIENT_KEY, FIXTURES, Authority, ServerFiles, client_context
from clients import tcp_client
from configured import ANYWHERE, ConfiguredTestCase, free_port
from load import Load
from waiting import eventually
from ways import ModbusTCP, opened, reading, way, writing

REFUSED = 0x01
MAY_READ, MAY_WRITE, MAY_NOTHING, OUTSIDE = "reads", "writes", "connects", "is not let in"
RIGHTS = {
    "writer": MAY_WRITE, "reader": MAY_READ, "no-role": MAY_READ, "no-name": MAY_READ,
    "two-extensions": MAY_READ, "unknown-role": MAY_NOTHING, "other-string": MAY_NOTHING,
    "no-purpose": MAY_READ, "expired": OUTSIDE, "foreign": OUTSIDE, "wrong-purpose": OUTSIDE, "critical-role": OUTSIDE,
    None: OUTSIDE,
}


class TLSTestCase(ConfiguredTestCase):
    def setUp(self):
        super().setUp()
        self.files = ServerFiles(self.directory)
        self.port = free_port()
        self.tls = {"tls": f"127.0.0.1:{self.port}", **self.files.settings}

    def start_secured(self, **settings):
        self.configure([self.line()], [{"tcp": ANYWHERE}, {**self.tls, **settings}])
        return self.start("is open")

    def found_rights(self, client):
        """By what a client can do; `client` has `exchange`."""
        try:
            read = client.exchange(reading(10, 2))
        except (OSError, AssertionError):
            return OUTSIDE
        if read == bytes([0x83, REFUSED]):
            self.assertEqual(client.exchange(writing(40, 7)), bytes([0x86, REFUSED]))
            return MAY_NOTHING
        self.assertEqual(read[:2], bytes([3, 4]))
        written = client.exchange(writing(40, 7))
        if written == bytes([0x86, REFUSED]):
            return MAY_READ
        self.assertEqual(written, writing(40, 7))
        return MAY_WRITE


class RightsTests(TLSTestCase):
    def test_each_certificate_has_its_rights_in_both_versions(self):
        broker = self.start_secured()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for name, rights in RIGHTS.items():
                with self.subTest(certificate=name, version=version.name):
                    writes = len(self.unit.executed_writes)
                    try:
                        client = way("tls", self.port, client_context(name, version))
                    except OSError:
                        self.assertEqual(rights, OUTSIDE)
                        continue
                    with contextlib.closing(client):
                        self.assertEqual(self.found_rights(client), rights)
                    self.assertEqual(len(self.unit.executed_writes) - writes, rights == MAY_WRITE)
        for reason in ("has no certificate", "has expired", "not one of a client that the client CA has signed",
                       "no usable role", "a critical extension that is not known (127.0.0.1, critical, 1.3.6.1.4.1.50316.802.1)"):
            broker.wait_for_message(reason)
        with tcp_client(broker) as client:
            self.assertFalse(client.read_holding_registers(0).isError())

    def test_a_read_only_listener_beats_the_role(self):
        self.start_secured(**{"read-only": True})
        with opened("tls", self.port, client_context("writer")) as client:
            self.assertEqual(self.found_rights(client), MAY_READ)
        self.assertFalse(self.unit.executed_writes)

    def test_without_tls_or_with_an_old_one_nobody_comes_in(self):
        broker = self.start_secured()
        with opened("tcp", self.port) as client:
            self.assertEqual(self.found_rights(client), OUTSIDE)
        broker.wait_for_message("does not speak TLS")
        done = self.openssl("writer", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
        self.assertNotIn(b"New, TLSv1.1", done)
        self.assertFalse(self.unit.requests)

    def openssl(self, name, *options, given=b""):
        """What it prints; it ends when the broker closes the connection, or does not let it in."""
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-CAfile", FIXTURES / "server-ca.pem",
             "-cert", FIXTURES / f"{name}.pem", "-key", CLIENT_KEY, *options],
            input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
        return done.stdout

    def test_openssl_is_answered_in_both_versions(self):
        self.start_secured()
        for option, name in (("-tls1_2", b"TLSv1.2"), ("-tls1_3", b"TLSv1.3")):
            with self.subTest(option):
                process = subprocess.Popen(
                    ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-CAfile", FIXTURES / "server-ca.pem",
                     "-cert", FIXTURES / "reader.pem", "-key", CLIENT_KEY, "-verify_return_error", "-quiet", option],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                with process:
                    process.stdin.write(struct.pack(">HHHB", 77, 0, 6, 1) + reading(20, 2))
                    process.stdin.flush()
                    reply = process.stdout.read(13)
                    process.kill()
                self.assertEqual(reply, bytes.fromhex("004d 0000 0007 01 03 04") + struct.pack(
                    ">2H", *self.unit.holding.block(20, 2)))
                self.assertIn(b"Verify return code: 0 (ok)", self.openssl("reader", option))

    def test_openssl_without_a_role_reads_and_does_not_write(self):
        broker = self.start_secured()
        frames = b"".join(
            struct.pack(">HHHB", number, 0, len(pdu) + 1, 1) + pdu
            for number, pdu in enumerate((reading(20, 1), writing(40, 7))))
        process = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-CAfile", FIXTURES / "server-ca.pem",
             "-cert", FIXTURES / "no-role.pem", "-key", CLIENT_KEY, "-verify_return_error", "-quiet"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with process:
            process.stdin.write(frames)
            process.stdin.flush()
            replies = process.stdout.read(11 + 9)
            process.kill()
        self.assertIn(bytes.fromhex("0000 0000 0005 01 03 02") + struct.pack(">H", *self.unit.holding.block(20, 1)), replies)
        self.assertIn(bytes.fromhex("0001 0000 0003 01 86 01"), replies)
        self.assertFalse(self.unit.executed_writes)
        broker.wait_for_message("what the client's certificate does not let it do (127.0.0.1, TLS:nobody)")

    def test_a_client_that_does_not_accept_the_brokers_certificate_is_told(self):
        broker = self.start_secured()
        for option in ("-tls1_2", "-tls1_3"):
            with self.subTest(option):
                self.openssl("reader", option, "-CAfile", FIXTURES / "foreign-ca.pem", "-verify_return_error")
                broker.wait_for_message("does not accept the broker's certificate" if option == "-tls1_2" else
                                        "mostly a client that does not accept the broker's certificate")

    def test_openssl_is_told_why_it_is_not_let_in(self):
        self.start_secured()
        for name, alert in (("expired", b"certificate expired"), ("foreign", b"alert unknown ca")):
            with self.subTest(name):
                self.assertIn(alert, self.openssl(name, "-tls1_2"))


class PymodbusTests(TLSTestCase):
    def client(self, name):
        client = ModbusTlsClient("127.0.0.1", port=self.port, sslctx=self.context(name), timeout=5, retries=0)
        self.addCleanup(client.close)
        return client

    @staticmethod
    def context(name):
        context = client_context(name)
        # It does not tell TLS the name of the server.
        context.check_hostname = False
        return context

    def test_who_may_write_reads_and_writes(self):
        self.start_secured()
        client = self.client("writer")
        self.assertTrue(client.connect())
        for address in range(30):
            self.assertEqual(
                client.read_holding_registers(address, count=20).registers, self.unit.holding.block(address, 20))
        self.assertFalse(client.write_registers(40, [1, 2]).isError())
        self.assertEqual(client.read_holding_registers(40, count=2).registers, [1, 2])

    def test_who_may_read_reads_and_is_refused_to_write(self):
        self.start_secured()
        for name in ("reader", "no-role"):
            with self.subTest(name):
                client = self.client(name)
                self.assertTrue(client.connect())
                self.assertEqual(client.read_input_registers(3).registers, [self.unit.input[3]])
                self.assertEqual(client.write_register(40, 1).exception_code, REFUSED)
                self.assertEqual(client.write_registers(40, [1, 2]).exception_code, REFUSED)
        self.assertFalse(self.unit.executed_writes)

    def test_who_has_an_unknown_role_is_refused_everything_and_who_is_foreign_does_not_get_in(self):
        self.start_secured()
        client = self.client("unknown-role")
        self.assertTrue(client.connect())
        self.assertEqual(client.read_holding_registers(0).exception_code, REFUSED)
        for name in ("expired", "foreign"):
            client = self.client(name)
            with self.subTest(name), self.assertRaises((ModbusException, OSError)):
                # In TLS 1.3 a client is told only after it believes to be in.
                client.connect()
                client.read_holding_registers(0)
        self.assertFalse(self.unit.requests)


class PageTests(TLSTestCase):
    """docs/tls.md, from its first command on."""

    def test_the_certificates_of_the_page_let_its_clients_in_at_its_addresses(self):
        page = (FIXTURES.parents[2] / "docs" / "tls.md").read_text()
        chapter = page[page.index("## Certificates, once"):page.index("## The broker")]
        (configuration,) = re.findall(r"```ini\n(.*?)```", chapter, re.DOTALL)
        first, *commands = [block for block in re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL) if "sudo" not in block]
        self.script(first)
        (self.directory / "tls" / "modbus.cnf").write_text(configuration)
        self.script("cd tls\n" + "".join(commands))
        made = self.directory / "tls"
        self.tls |= {"certificate": str(made / "server.pem"), "key": str(made / "server.key"), "client-ca": str(made / "ca.pem")}
        self.start_secured()
        for name, rights in (("evcc", MAY_WRITE), ("ha", MAY_READ)):
            context = ssl.create_default_context(cafile=made / "ca.pem")
            context.load_cert_chain(made / f"{name}.pem", made / f"{name}.key")
            for address in ("127.0.0.1", "192.168.1.5", "growatt-broker.local"):
                with self.subTest(name, address=address), socket.create_connection(("127.0.0.1", self.port)) as plain:
                    with context.wrap_socket(plain, server_hostname=address) as client:
                        self.assertEqual(self.found_rights(ModbusTCP(client)), rights)

    def script(self, text):
        done = subprocess.run(["sh", "-e"], input=text, cwd=self.directory, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


class ExpiryTests(TLSTestCase):
    LIFETIME = 6

    def connected(self, context, session=None):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        return context.wrap_socket(plain, server_hostname="localhost", session=session)

    def test_who_is_connected_goes_when_its_certificate_expires_and_no_session_brings_it_back(self):
        authority = Authority(self.directory)
        broker = self.start_secured()
        short = authority.short(self.LIFETIME)
        contexts = [client_context(short, version) for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)]
        connections = [self.connected(context) for context in contexts]
        sessions = []
        for connection in connections:
            self.assertEqual(ModbusTCP(connection).exchange(writing(40, 7)), writing(40, 7))
            # In TLS 1.3 it comes with the first answer.
            sessions.append(connection.session)
        for connection in connections:
            self.assertEqual(connection.recv(1), b"", "it is closed")
            connection.close()
        broker.wait_for_message("its certificate has expired while it was connected; it was disconnected "
                                "(127.0.0.1, TLS:short)")
        writes = len(self.unit.executed_writes)
        for context, session in zip(contexts, sessions):
            with self.subTest(context.maximum_version.name), self.assertRaises((OSError, AssertionError)):
                with self.connected(context, session) as again:
                    ModbusTCP(again).exchange(writing(40, 8))
        self.assertEqual(len(self.unit.executed_writes), writes)
        broker.wait_for_message("a client: its certificate has expired (127.0.0.1, short)")

    def test_no_session_is_resumed_so_that_each_certificate_is_verified(self):
        self.start_secured()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version.name):
                context = client_context("writer", version)
                with self.connected(context) as first:
                    ModbusTCP(first).exchange(reading(0, 1))
                    session = first.session
                with self.connected(context, session) as second:
                    self.assertEqual(ModbusTCP(second).exchange(writing(40, 7)), writing(40, 7))
                    self.assertFalse(second.session_reused)


class RenewalTests(TLSTestCase):
    def shown(self):
        """The serial number of the certificate that new connections see."""
        with socket.create_connection(("127.0.0.1", self.port)) as plain:
            with client_context("reader").wrap_socket(plain, server_hostname="localhost") as secured:
                return secured.getpeercert()["serialNumber"]

    def test_renewed_under_load_without_a_lost_exchange_and_shown_to_new_connections(self):
        broker = self.start_secured()
        clients = [way("tls", self.port, client_context("reader")) for _ in range(3)]
        clients.append(way("tcp", broker.port))
        seen = {self.shown()}
        with Load(clients, self.unit.holding) as load:
            for certificate in ("server-renewed.pem", "server.pem") * 5:
                self.files.use(certificate)
                self.run_command("reload")
                seen.add(self.shown())
                load.wait_for_answers()
        self.assertEqual(len(seen), 2)
        print(f"\n  {sum(load.answers)} exchanges while certificates were renewed 10 times")

    def test_renewed_with_another_key_under_load_without_a_lost_exchange(self):
        broker = self.start_secured()
        clients = [way("tls", self.port, client_context("reader")) for _ in range(3)]
        clients.append(way("tcp", broker.port))
        seen = {self.shown()}
        with Load(clients, self.unit.holding) as load:
            for name in ("server-rsa", "server") * 3:
                self.files.copy(f"{name}.key", "key.pem")
                self.files.use(f"{name}.pem")
                self.run_command("reload")
                seen.add(self.shown())
                with opened("tls", self.port, client_context("reader")) as other:
                    self.assertEqual(self.found_rights(other), MAY_READ)
                load.wait_for_answers()
        self.assertEqual(len(seen), 2)

    def test_another_client_authority_locks_out_who_is_connected_too(self):
        broker = self.start_secured()
        with opened("tls", self.port, client_context("writer")) as before:
            self.assertEqual(self.found_rights(before), MAY_WRITE)
            writes = len(self.unit.executed_writes)
            self.files.copy("foreign-ca.pem", "clients.pem")
            self.run_command("reload")
            self.assertEqual(self.found_rights(before), OUTSIDE)
            broker.wait_for_message("the client CA has lost an authority since it came in; it was disconnected "
                                    "(127.0.0.1, TLS:evcc)")
        with self.assertRaises((OSError, AssertionError)):
            with opened("tls", self.port, client_context("writer")) as other:
                other.exchange(reading(0, 1))
        self.assertEqual(len(self.unit.executed_writes), writes)
        with opened("tls", self.port, client_context("foreign")) as other:
            self.assertEqual(self.found_rights(other), MAY_WRITE)

    def test_one_more_client_authority_disconnects_nobody(self):
        self.start_secured()
        with opened("tls", self.port, client_context("reader")) as before:
            both = self.directory / "clients.pem"
            both.write_text((FIXTURES / "foreign-ca.pem").read_text() + both.read_text())
            self.run_command("reload")
            self.assertEqual(self.found_rights(before), MAY_READ)
            with opened("tls", self.port, client_context("foreign")) as other:
                self.assertEqual(self.found_rights(other), MAY_WRITE)

    def test_broken_files_refuse_the_reload_and_everything_stays(self):
        self.start_secured()
        before = self.shown()
        for name, content, reason in (
                ("certificate.pem", "no certificate", "certificate.pem"),
                ("key.pem", (FIXTURES / "client.key").read_text(), "does not belong to"),
                ("key.pem", (FIXTURES / "server-encrypted.key").read_text(), "key.pem"),
                ("clients.pem", "", "clients.pem"),
                ("certificate.pem", None, "certificate.pem")):
            with self.subTest(name, reason=reason):
                path = self.directory / name
                good = path.read_text()
                path.unlink()
                if content is not None:
                    path.write_text(content)
                self.configure([self.line(retries=3)], [{"tcp": ANYWHERE}, self.tls])
                self.assertIn(reason, self.run_command("reload", expected=1))
                self.assertEqual(self.shown(), before)
                path.write_text(good)
        self.run_command("reload")

    def test_an_expired_certificate_of_the_broker_is_told(self):
        self.files.use("server-expired.pem")
        broker = self.start_secured()
        broker.wait_for_message("expired")

    def test_a_client_authority_that_is_none_is_told(self):
        self.files.copy("reader.pem", "clients.pem")
        broker = self.start_secured()
        broker.wait_for_message("(Home Assistant): is no authority")

    def test_the_refused_are_counted_in_status(self):
        self.start_secured()
        for _ in range(3):
            with contextlib.suppress(OSError, AssertionError):
                with opened("tls", self.port, client_context("foreign")) as client:
                    client.exchange(reading(0, 1))
        eventually(lambda: 3 in self.status()["refused"].values(), "three that were refused")
