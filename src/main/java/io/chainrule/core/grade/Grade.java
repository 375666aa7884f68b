package io.chainrule.core.grade;

import io.chainrule.core.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A marked backward pass.
 *
 * @param output the node that was differentiated
 * @param passed whether every claim and every answer is right
 * @param lines in the order of the text, and then the answers in the order of the request
 * @param firstWrong the name of the first line that is wrong, or null
 */
public record Grade(String output, boolean passed, List<Mark> lines, @Nullable String firstWrong) {

    /**
     * A marked line.
     *
     * @param name the name of the line; for an answer, the node
     * @param node the node whose gradient the line claims to be; null if it claims nothing
     * @param mistake what is wrong with a wrong line; null for other lines and for answers
     * @param claimed the value of the line at the user's inputs; null for lines that claim nothing
     * @param expected the gradient there; null for answers, and for lines that claim nothing
     * @param expectedExpression what a wrong line should say, in the user's names; null where there is no such text
     * @param text the verdict in words
     */
    public record Mark(String name, @Nullable String node, Verdict verdict, @Nullable Mistake mistake, @Nullable Tensor claimed,
            @Nullable Tensor expected, @Nullable String expectedExpression, String text) {}
}
