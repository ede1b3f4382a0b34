/** The tokens of gdb/MI output (GDB manual, "GDB/MI Output Syntax"). */
import { createToken, Lexer } from "../../../../chevrotain.ts";

export const CString = createToken({ name: "CString", pattern: /"(?:[^"\\]|\\[\s\S])*"/u });
export const Digits = createToken({ name: "Digits", pattern: /\d+/u });
export const Name = createToken({ name: "Name", pattern: /[A-Za-z_][A-Za-z0-9_-]*/u });
export const Prompt = createToken({ name: "Prompt", pattern: /\(gdb\)/u });
export const Caret = createToken({ name: "Caret", pattern: "^" });
export const Star = createToken({ name: "Star", pattern: "*" });
export const Plus = createToken({ name: "Plus", pattern: "+" });
export const Equals = createToken({ name: "Equals", pattern: "=" });
export const Tilde = createToken({ name: "Tilde", pattern: "~" });
export const At = createToken({ name: "At", pattern: "@" });
export const Ampersand = createToken({ name: "Ampersand", pattern: "&" });
export const Comma = createToken({ name: "Comma", pattern: "," });
export const BraceOpen = createToken({ name: "BraceOpen", pattern: "{" });
export const BraceClose = createToken({ name: "BraceClose", pattern: "}" });
export const BracketOpen = createToken({ name: "BracketOpen", pattern: "[" });
export const BracketClose = createToken({ name: "BracketClose", pattern: "]" });
const Space = createToken({ name: "Space", pattern: /[ \t\r]+/u, group: Lexer.SKIPPED });

export const miTokens = [
  Space,
  CString,
  Prompt,
  Digits,
  Name,
  Caret,
  Star,
  Plus,
  Equals,
  Tilde,
  At,
  Ampersand,
  Comma,
  BraceOpen,
  BraceClose,
  BracketOpen,
  BracketClose,
];

export const miLexer = new Lexer(miTokens, { positionTracking: "onlyOffset" });
