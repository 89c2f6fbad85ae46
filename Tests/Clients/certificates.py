"""The certificates of the unit tests, and what a client of Modbus Security needs of them."""

import pathlib
import shutil
import ssl
import subprocess
import time

FIXTURES = pathlib.Path(__file__).parents[1] / "TransportTLSTests" / "Fixtures"
CLIENT_KEY = FIXTURES / "client.key"
ROLE = "1.3.6.1.4.1.50316.802.1"


def client_context(name=None, version=None):
    """Of a client with the certificate of this name, or in this file, or without any; `version`: the only one of TLS that
    it speaks."""
    context = ssl.create_default_context(cafile=FIXTURES / "server-ca.pem")
    if name:
        context.load_cert_chain(name if isinstance(name, pathlib.Path) else FIXTURES / f"{name}.pem", CLIENT_KEY)
    if version:
        context.minimum_version = context.maximum_version = version
    return context


class ServerFiles:
    """The broker's files, in a directory of their own, where they can be replaced."""

    def __init__(self, directory):
        self.directory = directory
        self.use("server.pem")
        self.copy("server.key", "key.pem")
        self.copy("client-ca.pem", "clients.pem")

    def use(self, certificate):
        """Puts another one in place of the server's certificate."""
        self.copy(certificate, "certificate.pem")

    def copy(self, fixture, name):
        shutil.copy(FIXTURES / fixture, self.directory / name)

    @property
    def flags(self):
        return ("--tls-certificate", self.directory / "certificate.pem", "--tls-key", self.directory / "key.pem",
                "--tls-client-ca", self.directory / "clients.pem")

    @property
    def settings(self):
        """Of a listener."""
        names = {"certificate": "certificate.pem", "key": "key.pem", "client-ca": "clients.pem"}
        return {key: str(self.directory / name) for key, name in names.items()}


class Authority:
    """One of its own, for certificates that do not live as long as the fixtures: `clients.pem` and others in a directory."""

    def __init__(self, directory, certificate="clients.pem"):
        self.directory = directory
        self.certificate = directory / certificate
        self.key = directory / "authority.key"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 9,
                      "-keyout", self.key, "-out", self.certificate, "-subj", "/CN=Clients of the day")

    def short(self, seconds, role="read-write", name="short"):
        """Of a client that has the key of the fixtures' clients, valid for so long from now."""
        configuration, request = self.directory / "authority.conf", self.directory / "request"
        (self.directory / "index").write_text("")
        configuration.write_text("\n".join([
            "[ca]", "default_ca = here", "[here]", f"database = {self.directory / 'index'}", "rand_serial = yes",
            f"new_certs_dir = {self.directory}", "default_md = sha256", "policy = any", "[any]", "commonName = supplied",
            "[extensions]", "extendedKeyUsage = clientAuth", f"{ROLE} = ASN1:UTF8String:{role}", ""]))
        self._openssl("req", "-new", "-key", CLIENT_KEY, "-subj", f"/CN={name}", "-out", request)
        now = time.time()
        path = self.directory / f"{name}.pem"
        self._openssl("ca", "-batch", "-notext", "-config", configuration, "-extensions", "extensions", "-startdate",
                      self._date(now - 3600), "-enddate", self._date(now + seconds), "-cert", self.certificate,
                      "-keyfile", self.key, "-in", request, "-out", path)
        return path

    @staticmethod
    def _date(seconds):
        return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(seconds))

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
