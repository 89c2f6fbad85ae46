"""The certificates of the unit tests, and what a client of Modbus Security needs of them."""

import pathlib
import shutil
import ssl

FIXTURES = pathlib.Path(__file__).parents[1] / "TransportTests" / "Fixtures"
CLIENT_KEY = FIXTURES / "client.key"


def client_context(name=None, version=None):
    """Of a client with the certificate of this name, or without any; `version`: the only one of TLS that it speaks."""
    context = ssl.create_default_context(cafile=FIXTURES / "server-ca.pem")
    if name:
        context.load_cert_chain(FIXTURES / f"{name}.pem", CLIENT_KEY)
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
