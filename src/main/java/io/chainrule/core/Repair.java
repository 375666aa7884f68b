package io.chainrule.core;

import io.chainrule.core.expression.Corrections;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.Problem.Position;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Edits that make a text a program. They are sure: no other edit of the same kind does.
 *
 * @param text the edited text, which can be parsed and bound
 * @param edits of the text as it was, in its order; none overlaps another
 */
public record Repair(String text, List<Edit> edits) {
    private static final int LONGEST_TEXT = 4_000;
    private static final int MOST_EDITS = 4;
    private static final int MOST_TRIES = 60;
    /** Programs that are tried are small, so that a request that is refused costs little. */
    private static final BuildLimits LIMITS = new BuildLimits(1_000, 100, 1_000, Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE,
            Long.MAX_VALUE, _ -> {}, Checkpoint.NONE);

    /** Replaces {@code length} code points from a place on, which is counted from 1, by a text. */
    public record Edit(int line, int column, int length, String text) {}

    /**
     * Looks for edits that mend a text whose problems are known, for inputs of these shapes. Empty if there is no sure one, or if the text is
     * too long to try.
     */
    public static Optional<Repair> of(String text, Map<String, Shape> inputs, List<Problem> problems) {
        return text.length() > LONGEST_TEXT || problems.isEmpty() ? Optional.empty() : new Search(text, inputs).from(problems);
    }

    /** Tries edits of one problem after another. */
    private static final class Search {
        private final String original;
        private final Map<String, Shape> inputs;
        private final Signature signature;
        private final List<Corrections.Edit> applied = new ArrayList<>();
        private int tries;

        Search(String original, Map<String, Shape> inputs) {
            this.original = original;
            this.inputs = inputs;
            this.signature = Signature.of(new Transformation.Value(), Shapes.of(inputs));
        }

        Optional<Repair> from(List<Problem> problems) {
            String text = original;
            List<Problem> left = problems;
            while (!left.isEmpty()) {
                Corrections.Edit sure = null;
                List<Problem> after = left;
                for (Corrections.Edit edit : Corrections.of(text, left.getFirst(), inputs.keySet())) {
                    List<Problem> remaining = ++tries > MOST_TRIES ? left : problems(edit.applied(text), left);
                    boolean isNew = sure == null || !sure.applied(text).equals(edit.applied(text));
                    if (remaining.size() < left.size() && isNew) {
                        if (sure != null) {
                            return Optional.empty();
                        }
                        sure = edit;
                        after = remaining;
                    }
                }
                if (sure == null || applied.size() == MOST_EDITS || tries > MOST_TRIES || !apply(sure)) {
                    return Optional.empty();
                }
                text = sure.applied(text);
                left = after;
            }
            return Optional.of(
                    new Repair(text, applied.stream().sorted(Comparator.comparingInt(Corrections.Edit::start)).map(this::placed).toList()));
        }

        /** Records an edit of the text that earlier edits made, as one of the original text. Returns false if it overlaps one of them. */
        private boolean apply(Corrections.Edit edit) {
            int shift = 0;
            for (Corrections.Edit earlier : applied.stream().sorted(Comparator.comparingInt(Corrections.Edit::start)).toList()) {
                int start = earlier.start() + shift;
                int end = start + earlier.text().length();
                if (edit.end() <= start) {
                    break;
                } else if (edit.start() < end) {
                    return false;
                }
                shift += earlier.text().length() - (earlier.end() - earlier.start());
            }
            applied.add(new Corrections.Edit(edit.start() - shift, edit.end() - shift, edit.text()));
            return true;
        }

        private Edit placed(Corrections.Edit edit) {
            Position position = Corrections.position(original, edit.start());
            return new Edit(position.line(), position.column(), original.codePointCount(edit.start(), edit.end()), edit.text());
        }

        /** The problems of a text; {@code unchanged} if it exceeds a limit. */
        private List<Problem> problems(String text, List<Problem> unchanged) {
            try {
                Program.of(new Source.Text(text), LIMITS.nesting()).bind(signature, LIMITS);
                return List.of();
            } catch (ProblemException e) {
                return e.problems();
            } catch (LimitException _) {
                return unchanged;
            }
        }
    }
}
