package io.chainrule.core.expression;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The stack of what is being evaluated around the current statement, the innermost on top, and where evaluation continues behind it. */
final class Frames {
    private static final int NONE = -1;

    private final NodeWriter writer;
    private final Scope scope;
    private final Deque<Frame> frames = new ArrayDeque<>();
    /** The number of frames on the stack that are calls, and of those that check a definition. */
    private int calls;
    private int checks;
    /** Set between a return and the continuation of the statement that called the function. */
    private @Nullable Returned returned;
    /** The statement that continues after a mistake in a function that it calls; NONE otherwise. */
    private int resumeAt = NONE;

    /** The value of a function that has returned, with which the statement that called it continues. */
    record Returned(ExpressionEvaluator.Position position, int value) {}

    Frames(NodeWriter writer, Scope scope) {
        this.writer = writer;
        this.scope = scope;
    }

    void push(Frame frame) {
        frames.push(frame);
        count(frame, 1);
    }

    Frame pop() {
        Frame frame = frames.pop();
        count(frame, -1);
        return frame;
    }

    private void count(Frame frame, int more) {
        calls += frame instanceof Frame.Invocation ? more : 0;
        checks += frame instanceof Frame.Checking ? more : 0;
    }

    @Nullable
    Frame peek() {
        return frames.peek();
    }

    /** Returns how many passes an inner loop has in all passes that are left of the loops around it. */
    double passesOf(long inner) {
        double passes = inner;
        for (Frame frame : frames) {
            passes *= frame instanceof Frame.Loop loop ? loop.passes() - loop.pass() : 1;
        }
        return passes;
    }

    /** Whether the body of a function is being evaluated for a call. */
    boolean isInCall() {
        return calls > 0;
    }

    /** Whether the body of a definition is being checked. */
    boolean isChecking() {
        return checks > 0;
    }

    boolean hasReturned() {
        return returned != null;
    }

    /** Returns the value with which the current statement continues, and forgets it; null if the statement begins. */
    @Nullable
    Returned takeReturned() {
        Returned taken = returned;
        returned = null;
        return taken;
    }

    /** Leaves the function whose call is on top of the stack. Returns the number of the statement that called it. */
    int leave(Frame.Invocation call, int value) {
        pop();
        end(call);
        returned = new Returned(call.position(), value);
        return call.statement();
    }

    /** Leaves the functions around a mistake. The statement that called the outermost of them is then BROKEN. */
    OptionalInt abandon() {
        if (!isInCall()) {
            return OptionalInt.of(NodeWriter.BROKEN);
        }
        while (isInCall()) {
            switch (pop()) {
                case Frame.Invocation call -> {
                    end(call);
                    returned = new Returned(new ExpressionEvaluator.Position(0, 0, 0), NodeWriter.BROKEN);
                    resumeAt = call.statement();
                }
                case Frame.Loop loop -> end(loop);
                case Frame.Unpacked _ -> {
                    // It belongs to a function that is left.
                }
                case Frame.Checking _ -> throw new IllegalStateException("a call while a definition is checked");
            }
        }
        return OptionalInt.empty();
    }

    /** Returns the number of the next statement after a function has been entered, or left because of a mistake. */
    int entered() {
        int at = resumeAt;
        resumeAt = NONE;
        return at != NONE ? at : frames.element() instanceof Frame.Invocation call ? call.function().body : NONE;
    }

    /** Leaves the loops on top of the stack. */
    void endLoops() {
        while (frames.peek() instanceof Frame.Loop loop) {
            pop();
            end(loop);
        }
    }

    void end(Frame.Loop loop) {
        writer.returnTo(loop.outer());
        writer.pause(loop.wasPaused());
        loop.statement().variables().forEach(scope::endCount);
    }

    private void end(Frame.Invocation call) {
        scope.leave();
        call.function().isActive = false;
        writer.returnTo(call.outer());
    }
}
