package io.chainrule.core.expression;

import java.util.stream.IntStream;

/** Finds the operands around a token, so that messages and edits can show what the user wrote. */
record Operands(Tokens tokens) {
    private static final int LONGEST = 40;

    /** The text of the operand that ends at a token, shortened if it is long. */
    String before(int last) {
        return shown(first(last), last);
    }

    /** The text of the operand that begins at a token, shortened if it is long. */
    String from(int first) {
        return shown(first, last(first));
    }

    /** The operands that follow each other from a token on, separated by commas. */
    String all(int first) {
        StringBuilder all = new StringBuilder(from(first));
        for (int next = last(first) + 1; Words.beginsOperandAt(tokens, next); next = last(next) + 1) {
            all.append(", ").append(from(next));
        }
        return all.toString();
    }

    /** The text from one token through another, without line breaks, shortened if it is long. */
    String shown(int first, int last) {
        // Where a bracket is never closed, an operand may be all of a long text, of which only the beginning is shown.
        String text = tokens.text(first, last);
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length() && shown.length() <= LONGEST; i++) {
            boolean isSpace = isSpace(text.charAt(i));
            if (!isSpace || i == 0 || !isSpace(text.charAt(i - 1))) {
                shown.append(isSpace ? ' ' : text.charAt(i));
            }
        }
        return shown.length() <= LONGEST ? shown.toString() : shown.substring(0, shown.offsetByCodePoints(0, LONGEST / 2)) + "…";
    }

    private static boolean isSpace(char character) {
        return character == ' ' || character >= '\t' && character <= '\r';
    }

    /** The same without the brackets around all of it. */
    String inner(int first, int last) {
        return isGroup(first, last) ? shown(first + 1, last - 1) : shown(first, last);
    }

    /** Whether one pair of round brackets stands around all of an operand. */
    boolean isGroup(int first, int last) {
        return tokens.kind(first) == TokenKind.LEFT_PAREN && closing(first) == last && last > first + 1;
    }

    /** The first token of the operand that ends at a token: with its brackets, its name and the path before it. */
    int first(int last) {
        int at = last;
        while (at > 0) {
            TokenKind kind = tokens.kind(at);
            if (kind == TokenKind.SUPERSCRIPT || kind == TokenKind.SUBSCRIPT) {
                at--;
            } else if (kind.closes()) {
                at = opening(at);
                boolean isCalled = at > 0 && tokens.end(at - 1) == tokens.start(at)
                        && (tokens.kind(at - 1) == TokenKind.NAME || tokens.kind(at - 1).closes()
                                || tokens.kind(at - 1) == TokenKind.SUPERSCRIPT);
                if (!isCalled) {
                    return at;
                }
                at--;
            } else if (kind == TokenKind.BAR || kind == TokenKind.DOUBLE_BAR) {
                return openingBar(at);
            } else if (kind == TokenKind.NAME && tokens.kind(at - 1) == TokenKind.DOT && at > 1) {
                at -= 2;
            } else {
                return at;
            }
        }
        return at;
    }

    /** The last token of the operand that begins at a token: with its signs, arguments, indices, members and powers. */
    int last(int first) {
        int at = endOfFactor(first);
        while (tokens.kind(at) != TokenKind.END && tokens.kind(at + 1) == TokenKind.POWER && !tokens.kind(at + 2).endsStatement()) {
            at = endOfFactor(at + 2);
        }
        return at;
    }

    private int endOfFactor(int first) {
        int at = first;
        while (isSign(at)) {
            at++;
        }
        TokenKind begin = tokens.kind(at);
        boolean takesBracket = begin == TokenKind.NAME || begin.opens();
        if (begin.opens()) {
            at = closing(at);
        } else if (begin == TokenKind.BAR || begin == TokenKind.DOUBLE_BAR) {
            at = closingBar(at);
        }
        while (tokens.kind(at) != TokenKind.END) {
            TokenKind next = tokens.kind(at + 1);
            if (next.opens() && takesBracket && tokens.end(at) == tokens.start(at + 1)) {
                at = closing(at + 1);
            } else if (next == TokenKind.SUPERSCRIPT || next == TokenKind.SUBSCRIPT) {
                at++;
            } else if (next == TokenKind.DOT && tokens.kind(at + 2) == TokenKind.NAME) {
                at += 2;
                takesBracket = true;
            } else {
                break;
            }
        }
        return at;
    }

    private boolean isSign(int token) {
        return switch (tokens.kind(token)) {
            case MINUS, PLUS, ROOT, CUBE_ROOT -> true;
            default -> false;
        };
    }

    /** The bracket that closes one; the last token before the end of the text if none does. */
    int closing(int open) {
        int depth = 0;
        int at = open;
        while (tokens.kind(at) != TokenKind.END) {
            depth += tokens.kind(at).opens() ? 1 : tokens.kind(at).closes() ? -1 : 0;
            if (depth == 0) {
                return at;
            }
            at++;
        }
        return Math.max(open, at - 1);
    }

    private int opening(int close) {
        int depth = 0;
        for (int at = close; at > 0; at--) {
            depth += tokens.kind(at).closes() ? 1 : tokens.kind(at).opens() ? -1 : 0;
            if (depth == 0) {
                return at;
            }
        }
        return 0;
    }

    /** The next bar of the same kind in the statement; the bar itself if there is none. */
    private int closingBar(int bar) {
        int at = bar + 1;
        while (!tokens.kind(at).endsStatement()) {
            if (tokens.kind(at) == tokens.kind(bar) && at > bar + 1) {
                return tokens.kind(at + 1) == tokens.kind(bar) && tokens.kind(bar + 1) == tokens.kind(bar) ? at + 1 : at;
            }
            at++;
        }
        return bar;
    }

    private int openingBar(int bar) {
        boolean areTwo = tokens.kind(bar) == TokenKind.BAR && tokens.kind(bar - 1) == TokenKind.BAR;
        int at = bar - (areTwo ? 2 : 1);
        while (at > 0 && tokens.kind(at) != tokens.kind(bar) && !tokens.kind(at).endsStatement()) {
            at--;
        }
        boolean isFound = at >= 0 && tokens.kind(at) == tokens.kind(bar);
        return !isFound ? bar : areTwo && at > 0 && tokens.kind(at - 1) == TokenKind.BAR ? at - 1 : at;
    }

    /** Whether the first list at a token or behind it, on the same line, has truth values alone. */
    boolean areTruths(int token) {
        int open = token;
        while (tokens.kind(open) != TokenKind.LEFT_BRACKET) {
            if (tokens.kind(open).endsStatement()) {
                return false;
            }
            open++;
        }
        return IntStream.range(open, closing(open)).allMatch(at -> switch (tokens.kind(at)) {
            case NUMBER, MINUS, PLUS -> false;
            case NAME -> Names.truth(tokens.text(at)).isPresent();
            default -> true;
        });
    }
}
