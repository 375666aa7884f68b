package io.chainrule.core.expression;

import io.chainrule.core.expression.Call.Callee;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.Problems;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import java.util.function.Supplier;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds what the name of a call means: a function of the text, an op, a function or method of a library, or a model. */
record Callees(Tokens tokens, Scope scope, NodeWriter writer, OpCalls ops, Functions functions, ModelCalls models, Problems problems) {
    /** Returns what stands from one token through another; null if it is a method of the value that the first of them names. */
    @Nullable
    Callee find(int token, int last) {
        String first = tokens.text(token);
        Functions.Function function = last == token ? functions.find(token, first) : null;
        Callee imported = function == null ? imported(token, last) : null;
        if (function != null) {
            return new Callee.OfFunction(function);
        } else if (imported != null) {
            return imported;
        } else if (last == token) {
            return bare(token, first);
        } else if (scope.isValue(first)) {
            return null;
        }
        String path = tokens.text(token, last);
        Library library = Library.of(tokens.text(token, last - 2));
        if (path.equals("torch.autograd.grad") || path.equals("autograd.grad")) {
            return new Callee.GradientOf();
        } else if (ShapeMembers.isFunction(path)) {
            return new Callee.Length(tokens.text(last), false);
        } else if (library != null) {
            return ofLibrary(library, token, tokens.text(last), path);
        } else if (Packages.instead(path) == null && !Library.isPackage(first) && isMethod(tokens.text(last))) {
            return null;
        }
        Library whole = Library.of(first);
        String inPackage = tokens.text(token + 2, last);
        if (whole != null && whole.has(inPackage)) {
            return new Callee.OfLibrary(path, whole, inPackage);
        }
        return unknown(token, "there is no " + path + " here", () -> instead(path));
    }

    /** What to write instead of a function that no table has. */
    private static String instead(String path) {
        String name = path.substring(path.lastIndexOf('.') + 1);
        String prefix = path.substring(0, path.length() - name.length() - 1);
        String method = Packages.method(prefix, name);
        String instead = Packages.instead(path);
        boolean isNamespace = OpCatalogue.find(name) != null && !prefix.contains(".");
        return method != null
                ? method
                : isNamespace
                        ? "write " + name + ", without the prefix"
                        : Objects.requireNonNullElse(instead, "GET /v1/notation lists what is read");
    }

    private Callee bare(int token, String name) {
        if (tokens.kind(token + 1) == TokenKind.NAME && scope.isValue(name)) {
            ops.unknown(token, name);
            return new Callee.Unknown();
        }
        if (name.equals(ShapeMembers.LEN) && !scope.isValue(name)) {
            return new Callee.Length(name, false);
        }
        Callee found = ops.find(name);
        // A model may have a name that the table only refuses.
        boolean isFunction = found != null && !(found instanceof Callee.OfLibrary of && of.library().forms(of.name()).isEmpty());
        ModelFunction model = isFunction || scope.isValue(name) ? null : models.find(name);
        if (model != null) {
            return new Callee.OfModel(name, model);
        } else if (found == null) {
            ops.unknown(token, name);
        }
        return found == null ? new Callee.Unknown() : found;
    }

    /** Returns the function that a path means because of an import; null if no import names its beginning. */
    private @Nullable Callee imported(int token, int last) {
        String first = tokens.text(token);
        String beginning = ops.tree().imported(first);
        if (beginning == null || scope.isValue(first)) {
            return null;
        }
        String path = last == token ? beginning : beginning + tokens.text(token + 1, last);
        int dot = path.lastIndexOf('.');
        Library library = dot < 0 ? null : Library.of(path.substring(0, dot));
        return library == null ? null : ofLibrary(library, token, path.substring(dot + 1), path);
    }

    private Callee ofLibrary(Library library, int token, String name, String path) {
        if (library.has(name)) {
            return new Callee.OfLibrary(path, library, name);
        }
        return unknown(token, "there is no " + path + " here", () -> nearest(name, library, path));
    }

    /** Returns what the method is whose name stands at a token. */
    Callee method(int token) {
        String name = tokens.text(token);
        OpDefinition op = OpCatalogue.find(name);
        if (ShapeMembers.isMethod(name)) {
            return new Callee.Length(name, true);
        } else if (Library.methods().has(name)) {
            return new Callee.OfLibrary(owner(token) + "." + name, Library.methods(), name);
        } else if (op != null && !op.operands().isEmpty()) {
            return new Callee.OfOp(op);
        }
        return unknown(token, "there is no method '" + name + "'", () -> nearest(name, Library.methods(), name));
    }

    private static boolean isMethod(String name) {
        return ShapeMembers.isMethod(name) || Library.methods().has(name) || OpCatalogue.find(name) != null;
    }

    /** The name before a method's name; empty if no name stands there. */
    private String owner(int method) {
        return method > 1 && tokens.kind(method - 2) == TokenKind.NAME ? tokens.text(method - 2) : "";
    }

    private Callee unknown(int token, String message, Supplier<@Nullable String> hint) {
        problems.add(() -> tokens.problem(ProblemCode.UNKNOWN_OP, token, message).hint(hint.get()));
        return new Callee.Unknown();
    }

    /** What to write instead of a function that a library's table does not have. */
    private static String nearest(String name, Library library, String path) {
        String changed = name.endsWith("_") ? name.substring(0, name.length() - 1) : "";
        if (library.has(changed)) {
            return "it changes its array in place; write a new name, as in y = x." + changed + "(…)";
        } else if (OpCatalogue.find(name) != null) {
            return library.isOfMethods() ? "write " + name : "write " + name + ", without the prefix";
        }
        return Misspelling.hint(name, library.names()).orElseGet(() -> Objects.requireNonNullElse(Packages.instead(path),
                "GET /v1/notation/" + library.name() + " lists the functions that are read"));
    }
}
