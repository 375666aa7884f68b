package io.chainrule.core.expression;

import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Parses a text to a syntax tree, statement by statement. Of a statement that has an error, the nodes before the error are kept
 * together with the problem, and parsing continues at the next statement, so that all errors are reported at once. Time is linear in
 * the text, and nothing recurses.
 */
public final class Parser {
    private final Tokens tokens;
    private final SyntaxTree tree;
    private final Cursor cursor;
    private final ExpressionSyntax expressions;
    private final DefinitionSyntax heads;
    private final LoopSyntax headers;
    private final PythonStatements python;
    private final ElementSyntax elements;
    private final Bodies bodies;
    private final Problems problems = new Problems();

    private Parser(String text, int nesting) {
        tokens = Lexer.scan(text);
        tree = new SyntaxTree(tokens);
        cursor = new Cursor(tokens, nesting);
        expressions = new ExpressionSyntax(tokens, cursor, tree, nesting);
        heads = new DefinitionSyntax(tokens, cursor);
        headers = new LoopSyntax(tokens, cursor, expressions);
        python = new PythonStatements(tokens);
        elements = new ElementSyntax(tokens, cursor, tree, expressions);
        bodies = new Bodies(tokens, cursor, tree);
    }

    /**
     * Parses a text. The tree holds the syntax errors. Brackets, signs and powers may be nested {@code nesting} levels deep.
     *
     * @throws io.chainrule.core.graph.LimitException for limit "nesting"
     */
    public static SyntaxTree parse(String text, int nesting) {
        Parser parser = new Parser(text, nesting);
        parser.statements();
        return parser.tree;
    }

    private void statements() {
        while (!problems.isFull()) {
            bodies.endThoseBefore();
            if (cursor.kind() == TokenKind.END) {
                break;
            } else if (cursor.kind().endsStatement()) {
                cursor.advance();
            } else {
                Problem indentation = bodies.misindented();
                if (indentation != null) {
                    tree.statements().add(new Statement.Misplaced(report(indentation)));
                }
                statement();
            }
        }
        bodies.endAll();
    }

    private void statement() {
        int first = cursor.at();
        String refused = python.refused(first);
        String ignored = refused == null ? python.ignored(first) : null;
        if (refused != null) {
            refuse(refused);
        } else if (ignored != null) {
            cursor.recover(OptionalInt.empty());
            if (python.isImport(first)) {
                tree.addImports(python.imports(first));
            }
            tree.statements().add(new Statement.Ignored(first, ignored.isEmpty() ? null : ignored));
        } else if (tree.isDefinition(first) || python.isDefinition(first) || python.isLambda(first)) {
            definition();
        } else if (python.isReturn(first)) {
            returned();
        } else if (python.isBranch(first)) {
            branch();
        } else if (python.isJump(first)) {
            tree.statements().add(new Statement.Jump(first, tokens.is(first, "break")));
            cursor.advance();
        } else if (tokens.is(first, Names.RESERVED) && cursor.following() == TokenKind.NAME) {
            loop();
        } else if (python.isUnpacking(first)) {
            unpacking();
        } else if (elements.target(first) >= 0) {
            int name = elements.target(first);
            tree.statements().add(new Statement.Evaluation(name, tokens.text(name), expression(() -> elements.parse(name)), 0));
        } else {
            evaluation();
        }
    }

    /** Reports a statement of Python that has no meaning here, and skips it with its body. */
    private void refuse(String hint) {
        int first = cursor.at();
        tree.statements().add(new Statement.Misplaced(report(tokens.problem(ProblemCode.SYNTAX_ERROR, first,
                "a program has no statement " + tokens.quoted(first)).hint(hint))));
        int column = tokens.indentation(first);
        do {
            cursor.recover(OptionalInt.empty());
            cursor.skipSeparators();
        } while (cursor.kind() != TokenKind.END && tokens.startsLine(cursor.at())
                && (tokens.column(cursor.at()) > column || python.continues(cursor.at())));
    }

    private void evaluation() {
        int first = cursor.at();
        boolean isRaised = tokens.kind(first + 1) == TokenKind.SUPERSCRIPT && tokens.kind(first + 2) == TokenKind.ASSIGN;
        boolean isUpdate = cursor.kind() == TokenKind.NAME && cursor.following() == TokenKind.UPDATE;
        int annotated = python.annotated(first);
        boolean isNamed = cursor.kind() == TokenKind.NAME
                && (isRaised || isUpdate || annotated > 0 || cursor.following() == TokenKind.ASSIGN);
        String name = isNamed ? tokens.text(first, isRaised ? first + 1 : first) : null;
        int last = annotated == 0 && isNamed && !isRaised && !isUpdate ? python.lastTarget(first) : first;
        Statement.Expression expression = expression(() -> {
            DerivativeNames.checkQuotient(tokens, first);
            if (name != null) {
                SyntaxErrors.checkName(tokens, first, "no statement can have this name");
                cursor.moveTo(isRaised ? first + 1 : annotated > 0 ? annotated : last);
                cursor.advance();
                cursor.advance();
            }
            expressions.parse();
        });
        tree.statements().add(
                new Statement.Evaluation(first, name == null || Names.isKeyword(name) ? null : name, expression, isUpdate ? first + 1 : 0));
        for (int target = first + 2; target <= last; target += 2) {
            int token = target;
            Statement.Expression same = expression(() -> {
                SyntaxErrors.checkName(tokens, token, "no statement can have this name");
                tree.add(Syntax.NAME, first);
            });
            tree.statements().add(new Statement.Evaluation(token, tokens.text(token), same, 0));
        }
    }

    /** Parses {@code if condition:}, {@code elif condition:} or {@code else:} up to the body. */
    private void branch() {
        int first = cursor.at();
        boolean isAlternative = !tokens.is(first, "if");
        List<Statement> statements = tree.statements();
        boolean isOfLoop = !statements.isEmpty() && statements.getLast() instanceof Statement.EndOfLoop;
        if (isAlternative && !(!statements.isEmpty() && statements.getLast() instanceof Statement.EndOfBranch)) {
            statements.add(new Statement.Misplaced(report(tokens.problem(ProblemCode.SYNTAX_ERROR, first,
                    tokens.quoted(first) + " has no 'if' before it")
                    .hint(isOfLoop ? "a loop has no else; write it below" : "it stands below the body of its 'if', in the same column"))));
        }
        Statement.Expression condition = expression(() -> {
            cursor.advance();
            if (!tokens.is(first, "else")) {
                expressions.parseUntil(TokenKind.COLON);
            }
            if (!cursor.accept(TokenKind.COLON)) {
                throw cursor.unexpected("':' stands behind the condition", "':'", null);
            }
        });
        int number = statements.size();
        boolean isCondition = !tokens.is(first, "else") || condition.problem() != null;
        statements.add(new Statement.Branch(first, isCondition ? condition : null, isAlternative, 0));
        bodies.begin(number, first, false);
        if (!bodies.isIn(number)) {
            if (condition.problem() == null) {
                statements.add(new Statement.Misplaced(report(tokens.problem(ProblemCode.SYNTAX_ERROR, first, "the branch has no body")
                        .hint("indent its statements; pass does nothing"))));
            }
            statements.add(new Statement.EndOfBranch());
            statements.set(number, new Statement.Branch(first, isCondition ? condition : null, isAlternative, statements.size() - 1));
        }
    }

    private void returned() {
        int first = cursor.at();
        boolean isInFunction = bodies.isInFunction();
        Statement.Expression expression = expression(() -> {
            cursor.advance();
            expressions.parse();
        });
        tree.statements().add(isInFunction
                ? new Statement.Return(first, expression)
                : new Statement.Evaluation(first, null, expression, 0));
        if (!isInFunction && expression.problem() == null) {
            cursor.skipSeparators();
            if (cursor.kind() != TokenKind.END) {
                tree.statements().add(new Statement.Misplaced(report(tokens.problem(ProblemCode.SYNTAX_ERROR, cursor.at(),
                        "a statement stands behind 'return', which ends the program").hint("leave the word 'return' out"))));
            }
        }
    }

    private void unpacking() {
        int first = cursor.at();
        List<Integer> names = new ArrayList<>();
        while (cursor.kind() != TokenKind.ASSIGN) {
            if (cursor.kind() == TokenKind.NAME) {
                names.add(cursor.at());
            }
            cursor.advance();
        }
        List<Statement.Expression> values = new ArrayList<>();
        boolean isTuple = python.isTuple(cursor.at() + 1);
        if (isTuple) {
            cursor.advance();
        }
        do {
            values.add(expression(() -> {
                cursor.advance();
                expressions.parseUntil(TokenKind.COMMA);
            }));
        } while (cursor.kind() == TokenKind.COMMA);
        if (isTuple && cursor.kind().closes()) {
            cursor.advance();
        }
        tree.statements().add(new Statement.Unpacking(first, List.copyOf(names), List.copyOf(values)));
    }

    /**
     * Runs {@code parse} and returns the nodes that it adds. After an error these are the nodes before the error, and the cursor is
     * moved to where parsing continues.
     */
    private Statement.Expression expression(Runnable parse) {
        int first = tree.size();
        Problem problem = null;
        try {
            parse.run();
        } catch (SyntaxException e) {
            problem = report(e.problem());
            cursor.recover(e.resumeAt());
        }
        return new Statement.Expression(first, tree.size(), problem);
    }

    private Problem report(Problem problem) {
        problems.add(problem);
        tree.add(problem);
        return problem;
    }

    /** Parses {@code f(a) = …}, {@code f = lambda a: …} or, up to its body, {@code def f(a): …}. */
    private void definition() {
        int first = cursor.at();
        boolean isDef = python.isDefinition(first);
        boolean isLambda = python.isLambda(first);
        int name = isDef ? first + 1 : first;
        List<Statement.Parameter> parameters = new ArrayList<>();
        Problem problem = !bodies.isInFunction()
                ? null
                : report(tokens
                        .problem(ProblemCode.SYNTAX_ERROR, first, "a function is defined inside another")
                        .hint("define it before the other"));
        int[] body = {first};
        Statement.Expression value = expression(() -> {
            SyntaxErrors.checkName(tokens, name, "no function can have this name");
            cursor.moveTo(isLambda ? first + 2 : name);
            cursor.advance();
            heads.parse(parameters, isLambda);
            body[0] = cursor.at();
            if (!isDef) {
                expressions.parse();
            }
        });
        problem = problem == null && isDef ? value.problem() : problem;
        int number = tree.statements().size();
        tree.statements()
                .add(new Statement.Definition(first, tokens.text(name), List.copyOf(parameters), number + 2, cursor.at() - body[0],
                        problem));
        if (isDef) {
            Problem missing = bodies.begin(number, first, true);
            if (missing != null) {
                report(missing);
            }
        } else {
            tree.statements().add(new Statement.Return(first, value));
            tree.statements().add(new Statement.EndOfDefinition());
        }
    }

    private void loop() {
        int first = cursor.at();
        Statement.Expression bounds = expression(headers::parse);
        while (bounds.problem() != null && cursor.kind() == TokenKind.SEMICOLON) {
            do {
                cursor.advance();
            } while (!cursor.kind().endsStatement());
        }
        List<Integer> variables = new LoopNames(tokens).of(first + 1);
        boolean isLegal = variables.stream().noneMatch(variable -> Names.isKeyword(tokens.text(variable)));
        int number = tree.statements().size();
        tree.statements().add(new Statement.Loop(first, isLegal ? variables : List.of(), bounds, !cursor.endsLine(), 0, 0));
        bodies.begin(number, first, false);
    }
}
