package io.chainrule.core.execution;

import io.chainrule.core.OpCase;
import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Makes the cases of an op so large that it takes long. */
final class LongCases {
    /** So many elements are read or written, or so many operations done. */
    private static final long LONG = 1 << 20;
    private static final long MANY_OPERATIONS = 1 << 23;
    private static final long MOST_ELEMENTS = 1 << 22;
    private static final int MOST = 1 << 22;
    /** Attributes that say how long something is. */
    private static final Set<String> SIZES = Set.of("shape", "n", "num", "num_classes", "length", "stop", "reps");

    /** What becomes longer. */
    private enum Growth {
        EVERY_AXIS,
        EVERY_AXIS_AND_SIZE,
        LAST_AXIS,
        FIRST_AXIS;

        boolean grows(Shape shape, int axis) {
            return switch (this) {
                case EVERY_AXIS, EVERY_AXIS_AND_SIZE -> shape.dim(axis) > 1;
                case LAST_AXIS -> axis == shape.rank() - 1;
                case FIRST_AXIS -> axis == 0;
            };
        }
    }

    private LongCases() {}

    /** The first cases that become long, each by another way to grow; none if no case does. */
    static List<OpCase> of(OpDefinition op) {
        Stream<Growth> ways = op.family() == Family.ELEMENTWISE ? Stream.of(Growth.LAST_AXIS) : Arrays.stream(Growth.values());
        return ways
                .map(growth -> OpCase.of(op).map(one -> grown(one, growth)).flatMap(Optional::stream).findFirst())
                .flatMap(Optional::stream).distinct().limit(2).toList();
    }

    private static Optional<OpCase> grown(OpCase one, Growth growth) {
        try {
            for (int times = 2; times <= MOST; times *= 2) {
                OpCase longer = times(one, growth, times);
                long elements = elements(longer);
                if (longer.equals(one) || elements > MOST_ELEMENTS || elements == 0) {
                    return Optional.empty();
                }
                if (elements >= LONG || operations(longer) >= MANY_OPERATIONS) {
                    return Optional.of(longer);
                }
            }
        } catch (ShapeException | ProblemException | IllegalArgumentException | ArithmeticException _) {
            // Its operands do not fit each other any more.
        }
        return Optional.empty();
    }

    private static OpCase times(OpCase one, Growth growth, int times) {
        List<Shape> shapes = one.shapes().stream().map(shape -> {
            int[] dims = new int[shape.rank()];
            Arrays.setAll(dims, axis -> growth.grows(shape, axis) ? Math.multiplyExact(shape.dim(axis), times) : shape.dim(axis));
            return Shape.of(dims);
        }).toList();
        Map<String, Object> attributes = new LinkedHashMap<>(one.attributes());
        if (growth == Growth.EVERY_AXIS_AND_SIZE) {
            attributes.replaceAll((name, value) -> SIZES.contains(name) ? times(value, times) : value);
        }
        return new OpCase(one.definition(), attributes, shapes);
    }

    private static Object times(Object size, int times) {
        return switch (size) {
            case List<?> sizes -> sizes.stream().map(each -> times(Objects.requireNonNull(each), times)).toList();
            case Integer n when n > 1 -> Math.multiplyExact(n, times);
            default -> size;
        };
    }

    private static long elements(OpCase one) {
        return Stream.concat(one.shapes().stream(), Stream.of(one.shape())).mapToLong(Shape::size).max().orElse(0);
    }

    private static long operations(OpCase one) {
        return one.op().flops(one.shapes().toArray(Shape[]::new), one.shape());
    }

    /** Elements of the op's domain; indices are 0. Square matrices are positive definite if {@code isDominant}. */
    static List<Tensor> operands(OpCase one, boolean isDominant) {
        double[] domain = one.definition().domain();
        return IntStream.range(0, one.shapes().size()).mapToObj(k -> {
            Tensor operand = Tensor.zeros(one.shapes().get(k));
            double[] x = operand.data();
            for (int i = 0; i < x.length && !one.isDiscrete(k); i++) {
                x[i] = domain[0] + (domain[1] - domain[0]) * (i * 0.618 % 1);
            }
            if (isDominant && k == 0) {
                int n = operand.shape().last();
                for (int i = 0; i < x.length; i++) {
                    x[i] += i % n == i / n % n ? 2 * n + 3 * (i % n) : 0;
                }
            }
            return operand;
        }).toList();
    }
}
