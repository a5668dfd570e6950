"""An exchange that nobody here wrote: Debian's kamailio as registrar and proxy, on 127.0.0.1."""

import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.voice.lines.sip.far_ends import CHECKOUT, FarEnd, free_port

USERNAME, PASSWORD, OUR_NUMBER = "kommun", "sesam-7", "+46701740699"
_CONFIGURATION = """#!KAMAILIO
debug=2
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
{listen}
mpath="{modules}/"
{load}
modparam("usrloc", "db_mode", 0)
{tls}
request_route {{
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route() || (is_method("ACK") && t_check_trans())) t_relay();
        else if (!is_method("ACK")) sl_send_reply("404", "Not here");
        exit;
    }}
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("{realm}", "{password}", "0")) {{ www_challenge("{realm}", "0"); exit; }}
        if ($au != "{username}") {{ sl_send_reply("403", "Forbidden"); exit; }}
        save("location");
        exit;
    }}
    record_route();
{domain}
    if ($rU == "{our_number}") {{  # from outside: whom the network asserts
        append_hf("P-Asserted-Identity: <sip:$fU@{realm}>\\r\\n");
        $ru = "sip:{username}@{realm}";
        if (!lookup("location")) {{ sl_send_reply("480", "Nobody there"); exit; }}
        t_relay();
        exit;
    }}
    if (!pv_proxy_authenticate("{realm}", "{password}", "0")) {{ proxy_challenge("{realm}", "0"); exit; }}
    consume_credentials();
{routes}
    sl_send_reply("404", "Not Found");
}}
"""
_MODULES = ("sl", "tm", "rr", "pv", "usrloc", "registrar", "auth", "textops", "siputils")


@dataclass
class Kamailio(FarEnd):
    """Registers USERNAME with PASSWORD (401), asks for it again at each call (407), and connects the two ways.

    Calls of ours go where `routes` says, by number ("+46…": "sip:far@127.0.0.1:5070"), else 404. Whoever calls
    OUR_NUMBER there is put through to us, with their name as the asserted number. With a `certificate` (and its key,
    PEM) it listens for us with TLS alone, and for telephones behind it and outside at `outer_port`.
    """

    routes: dict[str, str] = field(default_factory=dict)
    domain: str = ""  # that all calls must be addressed to; "" is any
    certificate: Path | None = None
    key: Path | None = None
    port: int = field(default_factory=lambda: free_port(socket.SOCK_STREAM))
    outer_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        if self.certificate is None:
            self.outer_port = self.port

    @property
    def address(self) -> str:
        """Ours there, for callers (UDP)."""
        return f"sip:{OUR_NUMBER}@127.0.0.1:{self.outer_port}"

    def command(self) -> list[str]:
        program = shutil.which("kamailio", path="/usr/sbin:/usr/local/sbin:/usr/bin")
        if program is None:
            pytest.skip("no kamailio: apt-get install --no-install-recommends kamailio kamailio-tls-modules")
        modules = next(Path("/usr/lib").glob("*/kamailio/modules"), Path("/usr/local/lib/kamailio/modules"))
        if self.certificate and not (modules / "tls.so").exists():
            pytest.skip("kamailio without TLS: apt-get install --no-install-recommends kamailio-tls-modules")
        file = self.folder / "kamailio.cfg"
        file.write_text(self._configuration(modules))
        run = ["-w", str(self.folder), "-Y", str(self.folder), "-P", str(self.folder / "pid")]
        return [program, "-f", str(file), "-DD", "-E", "-n", "1", "-m", "32", "-M", "8", *run]

    def _configuration(self, modules: Path) -> str:
        listens = (
            {"tls": self.port, "udp": self.outer_port} if self.certificate else dict.fromkeys(("udp", "tcp"), self.port)
        )
        secured = 'modparam("tls", "tls_method", "TLSv1.2+")\n'
        secured += f'modparam("tls", "certificate", "{self.certificate}")\nmodparam("tls", "private_key", "{self.key}")'
        listen = "".join(f"listen={kind}:127.0.0.1:{port}\n" for kind, port in listens.items())
        routes = (
            f'    if ($rU == "{number}") {{ $ru = "{where}"; t_relay(); exit; }}'
            for number, where in self.routes.items()
        )
        return _CONFIGURATION.format(
            listen=listen + ("enable_tls=yes" if self.certificate else ""),
            modules=modules,
            load="\n".join(f'loadmodule "{each}.so"' for each in (*_MODULES, *(["tls"] if self.certificate else []))),
            tls=secured if self.certificate else "",
            domain=f'    if ($rd != "{self.domain}") {{ sl_send_reply("403", "Not ours"); exit; }}'
            if self.domain
            else "",
            realm="localhost",
            username=USERNAME,
            password=PASSWORD,
            our_number=OUR_NUMBER,
            routes="\n".join(routes),
        )

    def is_ready(self, log: str) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def certificate(folder: Path, name: str = "localhost", days: int = 30) -> tuple[Path, Path, Path]:
    """Who signs, a certificate for that name, and its key: three PEM files, made now."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl: apt-get install openssl")
    ca, ca_key, made, key, asked, more = (
        folder / each for each in ("ca.pem", "ca.key", "made.pem", "made.key", "asked.csr", "more")
    )
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj"]
    more.write_text(f"subjectAltName=DNS:{name}\n")
    _run(program, "req", "-x509", *new, "/CN=Who signs", "-keyout", ca_key, "-out", ca)
    _run(program, "req", *new, f"/CN={name}", "-keyout", key, "-out", asked)
    signed = ["-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", days, "-extfile", more]
    _run(program, "x509", "-req", "-in", asked, *signed, "-out", made)
    return ca, made, key


def _run(*command: object) -> None:
    subprocess.run([str(each) for each in command], check=True, capture_output=True, cwd=CHECKOUT)
