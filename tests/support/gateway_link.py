"""The triple-DES suite of docs/protocols/gateway-link.md, written a second time from the document, with other libraries."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES

MAGIC = b"WGL3\x01"
LABEL = b"wutong gateway link 1 "


def hkdf(secret, salt, label, length):
    """RFC 5869 with SHA-256."""
    key = hmac.new(salt or bytes(32), secret, hashlib.sha256).digest()
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.new(key, block + LABEL + label + bytes([counter]), hashlib.sha256).digest()
        out, counter = out + block, counter + 1
    return out[:length]


class Direction:
    """Keys of one direction and the number of the next record."""

    def __init__(self, secret, collector_nonce, gateway_nonce, to_gateway):
        self.secret = hkdf(secret, collector_nonce + gateway_nonce, b"to gateway" if to_gateway else b"to collector", 32)
        self.generation, self.record = 0, 0

    def next_keys(self):
        self.secret = hkdf(self.secret, b"", b"next", 32)
        self.generation, self.record = self.generation + 1, 0

    def _mac(self, what):
        numbers = self.generation.to_bytes(4, "big") + self.record.to_bytes(8, "big")
        self.record += 1
        return hmac.new(hkdf(self.secret, b"", b"hmac", 32), numbers + what, hashlib.sha256).digest()

    def _cipher(self, first):
        return Cipher(TripleDES(hkdf(self.secret, b"", b"3des", 24)), modes.CBC(first))

    def seal(self, kind, plain, first):
        padding = 8 - len(plain) % 8
        run = self._cipher(first).encryptor()
        text = run.update(plain + bytes([padding]) * padding) + run.finalize()
        head = (8 + len(text) + 32).to_bytes(2, "big") + bytes([kind]) + first + text
        return head + self._mac(head)

    def open(self, record):
        """@return kind and plain bytes of one whole record"""
        if not hmac.compare_digest(self._mac(record[:-32]), record[-32:]):
            raise ValueError("the record's check does not hold")
        run = self._cipher(record[3:11]).decryptor()
        plain = run.update(record[11:-32]) + run.finalize()
        return record[2], plain[:-plain[-1]]


def client_hello(key_name, nonce):
    return MAGIC + bytes([len(key_name)]) + key_name.encode() + nonce
