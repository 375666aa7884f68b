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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Edits that make a text a program. They are sure: no other edits that are tried, and are as few, make it a program of another meaning.
 *
 * @param text the edited text, which can be parsed and bound
 * @param edits of the text as it was, in its order; none overlaps another
 */
public record Repair(String text, List<Edit> edits) {
    private static final int LONGEST_TEXT = 4_000;
    private static final int MOST_EDITS = 4;
    /** Texts with more problems have more mistakes than are mended. */
    private static final int MOST_PROBLEMS = 8;
    private static final int MOST_TRIES = 60;
    /** The characters of all texts that are tried, to which the time is proportional. */
    private static final int MOST_CHARACTERS = 40_000;
    /** Programs that are tried are small, so that a request that is refused costs little. */
    private static final BuildLimits LIMITS = new BuildLimits(1_000, 100, 1_000, Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE,
            Long.MAX_VALUE, _ -> {}, Checkpoint.NONE);

    /** Replaces {@code length} code points from a place on, which is counted from 1, by a text. */
    public record Edit(int line, int column, int length, String text) {}

    /**
     * Looks for edits that mend a text whose problems are known, for inputs of these shapes. Empty if there is no sure one, or if the text
     * is too long to try.
     */
    public static Optional<Repair> of(String text, Map<String, Shape> inputs, List<Problem> problems) {
        boolean isTried = text.length() <= LONGEST_TEXT && !problems.isEmpty() && problems.size() <= MOST_PROBLEMS;
        return isTried ? new Search(text, inputs).from(problems) : Optional.empty();
    }

    /** Tries edits of one problem after another: all that one edit makes first, then all that two make, and so on. */
    private static final class Search {
        private final String original;
        private final Map<String, Shape> inputs;
        private final Signature signature;
        private final Set<String> tried = new HashSet<>();

        Search(String original, Map<String, Shape> inputs) {
            this.original = original;
            this.inputs = inputs;
            this.signature = Signature.of(new Transformation.Value(), Shapes.of(inputs));
        }

        /**
         * An edited text.
         *
         * @param edits of the original text
         * @param problems none if it is a program
         * @param meaning the program as it is printed; empty if it is none
         */
        private record Edited(String text, List<Corrections.Edit> edits, List<Problem> problems, String meaning) {
            /** How many characters stand behind the first problem. */
            int rest() {
                Problem first = problems.getFirst();
                return first.line() == null || first.column() == null
                        ? text.length()
                        : text.length() - Corrections.offset(text, new Position(first.line(), first.column()));
            }

            /** Whether it has fewer problems than another text, or the first of as many further back. */
            boolean isCloser(Edited other) {
                return problems.size() < other.problems.size() || problems.size() == other.problems.size() && rest() < other.rest();
            }
        }

        Optional<Repair> from(List<Problem> problems) {
            List<Edited> begun = List.of(new Edited(original, List.of(), problems, ""));
            for (int count = 1; count <= MOST_EDITS && !begun.isEmpty(); count++) {
                Map<String, Edited> mended = new HashMap<>();
                List<Edited> next = new ArrayList<>();
                for (Edited before : begun) {
                    List<Corrections.Edit> edits = Corrections.of(before.text, before.problems.getFirst(), inputs.keySet());
                    int tries = tried.size() + edits.size();
                    if (tries > MOST_TRIES || tries * original.length() > MOST_CHARACTERS) {
                        return Optional.empty();
                    }
                    for (Corrections.Edit edit : edits) {
                        Edited after = after(before, edit);
                        if (after != null && after.problems.isEmpty()) {
                            mended.merge(after.meaning, after, (one, other) -> one.text.length() < other.text.length() ? one : other);
                        } else if (after != null && after.isCloser(before)) {
                            next.add(after);
                        }
                    }
                }
                if (!mended.isEmpty()) {
                    return mended.size() == 1 ? Optional.of(repair(mended.values().iterator().next())) : Optional.empty();
                }
                begun = next;
            }
            return Optional.empty();
        }

        private Repair repair(Edited mended) {
            return new Repair(mended.text,
                    mended.edits.stream().sorted(Comparator.comparingInt(Corrections.Edit::start)).map(this::placed).toList());
        }

        private Edit placed(Corrections.Edit edit) {
            Position position = Corrections.position(original, edit.start());
            return new Edit(position.line(), position.column(), original.codePointCount(edit.start(), edit.end()), edit.text());
        }

        /** Edits a text. Returns null if it has been tried, if the edit overlaps an earlier one, or if the result exceeds a limit. */
        private @Nullable Edited after(Edited before, Corrections.Edit edit) {
            String text = edit.applied(before.text);
            Corrections.Edit ofOriginal = ofOriginal(before.edits, edit);
            boolean isUnsure = ofOriginal != null && before.edits.stream().anyMatch(earlier -> areUnsure(earlier, ofOriginal));
            if (ofOriginal == null || isUnsure || !tried.add(text)) {
                return null;
            }
            List<Corrections.Edit> edits = new ArrayList<>(before.edits);
            edits.add(ofOriginal);
            try {
                BoundProgram program = Program.of(new Source.Text(text), LIMITS.nesting()).bind(signature, LIMITS);
                return new Edited(text, edits, List.of(), program.toString());
            } catch (ProblemException e) {
                return new Edited(text, edits, e.problems(), "");
            } catch (LimitException _) {
                return null;
            }
        }

        /**
         * Whether two edits in a line, one of which changes brackets, may mend a text that means something else: where a bracket is
         * missing, what stands beside it is often wrong too.
         */
        private boolean areUnsure(Corrections.Edit one, Corrections.Edit other) {
            String between = original.substring(Math.min(one.end(), other.end()), Math.max(one.start(), other.start()));
            return between.indexOf('\n') < 0 && (isOfBracket(one) || isOfBracket(other));
        }

        private boolean isOfBracket(Corrections.Edit edit) {
            String changed = (original.substring(edit.start(), edit.end()) + edit.text()).strip();
            return !changed.isEmpty() && changed.chars().allMatch(c -> "()[]{}".indexOf(c) >= 0);
        }

        /** The edit of the original text that an edit of an edited one is; null if it overlaps an earlier edit. */
        private static Corrections.@Nullable Edit ofOriginal(List<Corrections.Edit> edits, Corrections.Edit edit) {
            int shift = 0;
            for (Corrections.Edit earlier : edits.stream().sorted(Comparator.comparingInt(Corrections.Edit::start)).toList()) {
                int start = earlier.start() + shift;
                int end = start + earlier.text().length();
                if (edit.end() <= start) {
                    break;
                } else if (edit.start() < end) {
                    return null;
                }
                shift += earlier.text().length() - (earlier.end() - earlier.start());
            }
            return new Corrections.Edit(edit.start() - shift, edit.end() - shift, edit.text());
        }
    }
}
