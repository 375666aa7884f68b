package io.chainrule.core.print;

import io.chainrule.core.expression.Names;
import io.chainrule.core.expression.ValueText;
import io.chainrule.core.graph.NamedGraph;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The names under which a program's ids can be written in an expression. */
final class PrintedNames {
    private final NamedGraph program;
    private final Set<String> given;
    private final Map<String, String> renamed = new HashMap<>();
    private final Set<String> taken = new HashSet<>();

    /** {@code given} are the inputs that the evaluator will be told of, whether the program reads them or not. */
    PrintedNames(NamedGraph program, Set<String> given) {
        this.program = program;
        this.given = given;
    }

    String of(int node) {
        return of(program.id(node));
    }

    String of(String id) {
        return isUsable(id) ? id : renamed.computeIfAbsent(id, this::rename);
    }

    /** Returns the text of a number. π and e are written by name, unless the name has another meaning in the program. */
    String number(double value) {
        String name = Names.ofNumber(value);
        return name == null || given.contains(name) || program.find(name) != null ? ValueText.number(value) : name;
    }

    /** Whether text can use the id as a name. {@code inf} and {@code nan} are needed for numbers. */
    private static boolean isUsable(String id) {
        return Names.isLegal(id) && !id.equals("inf") && !id.equals("nan");
    }

    private String rename(String id) {
        if (taken.isEmpty()) {
            taken.addAll(program.allIds());
        }
        StringBuilder name = new StringBuilder();
        id.codePoints().forEach(c -> name.appendCodePoint(Names.isPart(c) ? c : '_'));
        if (name.isEmpty() || !Names.isStart(name.codePointAt(0))) {
            name.insert(0, '_');
        }
        String base = name.toString();
        String unique = base;
        for (int i = 2; !isUsable(unique) || !taken.add(unique); i++) {
            unique = base + "_" + i;
        }
        return unique;
    }
}
