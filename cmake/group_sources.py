#!/usr/bin/env python3
"""Which source files of a target may be compiled as one: none of a group may see a name that another one keeps to itself.

usage: group_sources.py COUNT FILE...   prints "GROUP FILE" a line; COUNT is how many files a group should have

Names in unnamed namespaces, file-level aliases and macros are a file's own. Compiled together with a file that uses the
same word for something else, in itself or as a type or constant of a header of ours, they would clash or, worse, be taken
for it; so such files get different groups. A file prefers the group that its name says, so that a change of one file
seldom moves others to new groups.
"""
import functools
import os
import re
import sys
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^\s()\\]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
INCLUDE = re.compile(r'^[ \t]*#[^\n]*(?:\\\n[^\n]*)*', re.M)
TOKEN = re.compile(r'[A-Za-z_]\w*|::|->|[{}()\[\];=<>.,:&*~]')
TYPE = re.compile(r'\b(?:struct|class|enum class|using|constexpr [\w:<>, ]+) (\w+)[^;()]*?[{=;]')
NUMBER = re.compile(r"\b\d[\w'.]*")
NO_NAMES = frozenset('operator requires alignas noexcept decltype int TEST_CASE SCENARIO'.split())


def words_and_own_names(text):
    """All words of a file that could name something at namespace level, and those that only this file knows."""
    own = {}
    for directive in INCLUDE.findall(text):
        macro = re.match(r'\s*#\s*define\s+(\w+)', directive)
        if macro:
            own[macro.group(1)] = directive
    text = NUMBER.sub('0', NOISE.sub(' 0 ', INCLUDE.sub('', text)))
    tokens = TOKEN.findall(text)
    words = {token for index, token in enumerate(tokens)
             if token[0].isalpha() and (index == 0 or tokens[index - 1] not in ('.', '->', '::'))}
    scopes = []  # of each open brace: 'unnamed', 'named' or 'body'
    parens = 0
    statement = []
    for index, token in enumerate(tokens):
        outside = all(scope != 'body' for scope in scopes)
        if token == '{':
            kind = 'body'
            if parens == 0 and outside and 'namespace' in statement:
                kind = 'named' if len(statement) > statement.index('namespace') + 1 else 'unnamed'
            elif parens == 0 and outside:
                own.update(declared(statement, 'unnamed' in scopes))
            scopes.append(kind)
            if kind != 'body':
                statement = []
        elif token == '}':
            if scopes and scopes.pop() == 'body' and all(scope != 'body' for scope in scopes) and parens == 0:
                following = tokens[index + 1] if index + 1 < len(tokens) else ''
                if following not in (';', ',', ')'):
                    statement = []
        elif not outside:
            continue
        elif token == ';' and parens == 0:
            own.update(declared(statement, 'unnamed' in scopes))
            statement = []
        else:
            parens += (token in '([') - (token in ')]')
            if parens == 0 or (parens == 1 and token in '(['):
                statement.append(token)
    return words, own


@functools.lru_cache(maxsize=None)
def types_of_header(file):
    """Types and constants that a header, or one that it includes, has or names ahead."""
    with open(file, encoding='utf-8') as source:
        text = source.read()
    words = set(TYPE.findall(NOISE.sub(' ', text)))
    return words.union(*(types_of_header(header) for header in headers_of(text)))


def headers_of(text):
    return [file for file in (os.path.join(ROOT, name) for name in re.findall(r'^#include "([^"]+)"', text, re.M))
            if os.path.exists(file)]


def declared(statement, unnamed):
    """What a statement at namespace level declares for this file alone, and how: an alias may be said twice alike."""
    if len(statement) < 2:
        return {}
    if statement[0] in ('using', 'namespace'):
        if statement[1] == 'namespace':
            return {}
        return {statement[1] if '=' in statement else statement[-1]: ' '.join(statement)}
    if not unnamed and 'static' not in statement:
        return {}
    for keyword in ('struct', 'class', 'enum', 'union'):
        if keyword in statement and '(' not in statement:
            names = [word for word in statement[statement.index(keyword) + 1:] if word[0].isalpha() and word != 'class']
            return {name: None for name in names[:1]}
    for index, token in enumerate(statement):
        if token in ('(', '=', '[') and index and re.match(r'[A-Za-z_]', statement[index - 1]):
            if statement[index - 1] not in NO_NAMES:
                return {statement[index - 1]: None}
    return {statement[-1]: None} if re.match(r'[A-Za-z_]', statement[-1]) else {}


def clash(one, other):
    """Whether one of two files uses a word that the other keeps to itself, unless both say the same alias."""
    return any(name in one[0] and (said is None or one[1].get(name) != said) or name in one[2] and said is None
               for name, said in other[1].items())


def group(count, files):
    known = {}
    for file in files:
        with open(file, encoding='utf-8') as source:
            text = source.read()
        known[file] = *words_and_own_names(text), set().union(*(types_of_header(header) for header in headers_of(text)))
    groups = [[] for _ in range(max(1, -(-len(files) // count)))]
    for file in sorted(files, key=lambda name: zlib.crc32(name.encode())):
        def fits(members):
            return not any(clash(known[file], known[other]) or clash(known[other], known[file]) for other in members)
        start = zlib.crc32(file.rsplit('/', 1)[-1].encode()) % len(groups)
        order = [groups[(start + step) % len(groups)] for step in range(len(groups))]
        home = next((members for members in order if len(members) < 2 * count and fits(members)), None)
        if home is None:
            home = []
            groups.append(home)
        home.append(file)
    return [members for members in groups if members]


def main():
    count, files = int(sys.argv[1]), sys.argv[2:]
    for number, members in enumerate(group(count, files)):
        for file in members:
            print(number, file)


if __name__ == '__main__':
    main()
