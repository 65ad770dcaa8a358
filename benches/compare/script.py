"""A case of the case book as a tree, for systems with another input: definitions are written out.

The part of the language that other systems can be asked about; what is not understood raises Untranslated.
A tree is a tuple: ("name", n), ("number", text), (operator, part, …), ("call", function, part, …).
"""

import re
import unicodedata

TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([^\W\d][\w\u0300-\u036f]*)|(\.\*|\./|\.\^|[-+*/^'()‖,]))")
FUNCTIONS = set(
    "exp log sin tanh sigmoid relu abs sqrt softmax rowsoftmax logsumexp norm1 norm2 normF mean var tr det logdet "
    "inv diag sum kron vector eye ones colsum rowsum".split()
)
STARTS = {"number", "word", "(", "‖"}


class Untranslated(Exception):
    """Something in the case has no translation."""


def tokens(text):
    found, at = [], 0
    text = unicodedata.normalize("NFC", text.strip()).replace("²", "^2")
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise Untranslated(f"`{text[at:]}`")
        number, word, sign = match.groups()
        found.append(("number", number) if number else ("word", word) if word else (sign, sign))
        at = match.end()
    return found + [("end", "")]


class Reader:
    """Precedence climbing over the tokens."""

    def __init__(self, text, definitions):
        self.tokens, self.at, self.definitions = tokens(text), 0, definitions

    @property
    def kind(self):
        return self.tokens[self.at][0]

    def take(self, *kinds):
        if self.kind in kinds:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def expect(self, kind):
        if self.take(kind) is None:
            raise Untranslated(f"`{self.tokens[self.at][1]}` where `{kind}` should be")

    def whole(self):
        tree = self.sum()
        self.expect("end")
        return tree

    def sum(self):
        tree = ("negate", self.entries()) if self.take("-") else self.entries()
        while sign := self.take("+", "-"):
            right = self.entries()
            tree = ("add", tree, right if sign == "+" else ("negate", right))
        return tree

    def entries(self):
        """`.*` and `./` bind less than products."""
        tree = self.product()
        while sign := self.take(".*", "./"):
            right = ("negate", self.product()) if self.take("-") else self.product()
            tree = ("entrywise product" if sign == ".*" else "entrywise quotient", tree, right)
        return tree

    def product(self):
        tree = self.power()
        while True:
            if self.take("*"):
                tree = ("product", tree, self.power())
            elif self.take("/"):
                tree = ("quotient", tree, self.power())
            elif self.kind in STARTS and not (self.kind == "‖" and self.inside_norm):
                tree = ("product", tree, self.power())
            else:
                return tree

    inside_norm = False

    def power(self):
        tree = self.atom()
        while True:
            if self.take("'"):
                tree = ("transpose", tree)
            elif self.take("^", ".^") is not None:
                entrywise = self.tokens[self.at - 1][1] == ".^"
                tree = ("entrywise power" if entrywise else "power", tree, self.exponent())
            else:
                return tree

    def exponent(self):
        if self.take("-"):
            return ("negate", self.atom())
        return self.atom()

    def atom(self):
        if number := self.take("number"):
            return ("number", number)
        if self.take("("):
            outer, self.inside_norm = self.inside_norm, False
            tree = self.sum()
            self.inside_norm = outer
            self.expect(")")
            return tree
        if self.take("‖"):
            self.inside_norm = True
            tree = self.sum()
            self.inside_norm = False
            self.expect("‖")
            return ("call", "norm2", tree)
        word = self.take("word")
        if word is None:
            raise Untranslated(f"`{self.tokens[self.at][1]}`")
        if word in self.definitions:
            return self.definitions[word]
        if word in FUNCTIONS and self.take("("):
            arguments = [self.sum()]
            while self.take(","):
                arguments.append(self.sum())
            self.expect(")")
            return ("call", word, *arguments)
        return ("name", word)


class Case:
    """Names with their shapes, what is differentiated, by what, and how often."""

    def __init__(self, script):
        self.shapes, self.definitions, self.tree = {}, {}, None
        for line in script.splitlines():
            line = line.strip()
            if line and line[0] not in "#>":
                self.read(line)
        if self.tree is None:
            raise Untranslated("there is no question")

    def read(self, line):
        if " where " in line:
            raise Untranslated("a definition by an equation")
        if line.startswith("assume "):
            return
        if match := re.match(r"(.+?) : (?:R\^\(?([^ )]+)\)?|(scalar))(?: .*)?$", line):
            dims = [] if match[3] else match[2].split("×")
            for name in match[1].split(","):
                self.shapes[name.strip()] = dims
        elif match := re.match(r"(grad|jacobian|hessian|diff) (.+) wrt (\w+)$", line):
            self.ask(match[2], match[3], 2 if match[1] == "hessian" else 1)
        elif match := re.match(r"d/d(\w+) \((.+)\)$", line):
            self.ask(match[2], match[1], 1)
        elif match := re.match(r"∂(\w+)/∂(\w+)$", line):
            self.ask(match[1], match[2], 1)
        elif match := re.match(r"([^\W\d][\w\u0300-\u036f]*) = (.+)$", line):
            name = unicodedata.normalize("NFC", match[1])
            self.definitions[name] = Reader(match[2], self.definitions).whole()
        else:
            raise Untranslated(f"`{line}`")

    def ask(self, text, by, order):
        self.tree = Reader(text, self.definitions).whole()
        self.by, self.order = by, order
        if by not in self.shapes:
            raise Untranslated("a derivative by a defined name")
