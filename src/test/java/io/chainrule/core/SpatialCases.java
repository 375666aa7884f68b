package io.chainrule.core;

import java.util.List;
import java.util.Map;

/** Uses of the ops on sequences and images, for {@link OpCase}. */
public final class SpatialCases {
    private static final List<OpCase> CONVOLUTIONS = List.of(
            of("convolution", Map.of(), "2,2,3,3", "3,2,2,2"), of("convolution", Map.of("stride", 2), "2,1,5", "2,1,2"),
            of("convolution", Map.of("stride", 2, "padding", List.of(List.of(1, 0), List.of(2, 1)), "dilation", List.of(1, 2), "groups", 2),
                    "1,4,3,4", "2,2,2,2"),
            of("convolution", Map.of("input_dilation", List.of(2, 3), "stride", List.of(3, 2), "padding", List.of(List.of(1, 2))),
                    "1,1,3,3", "1,1,2,3"),
            of("convolution", Map.of("padding", List.of(List.of(-1, -1))), "1,1,4,3", "2,1,1,1"),
            of("convolution", Map.of("input_dilation", 4, "stride", 6), "1,1,4", "1,1,2"),
            of("convolution", Map.of("groups", 2), "1,2,2,2,2", "4,1,2,1,2"), of("convolution", Map.of(), "0,1,3", "1,1,2"),
            of("convolution", Map.of(), "1,1,2", "1,1,3"), of("convolution", Map.of(), "1,0,3", "2,0,2"),
            of("conv1d", Map.of(), "2,2,4", "3,2,2", "3"), of("conv1d", Map.of("padding", "same", "stride", 2), "1,1,5", "1,1,2"),
            of("conv1d", Map.of("dilation", 2, "padding", 1), "1,2,4", "1,2,2"),
            of("conv2d", Map.of(), "1,2,3,3", "2,2,2,2", "2"), of("conv2d", Map.of("padding", "same", "groups", 2), "1,2,2,3", "2,1,2,2"),
            of("conv2d", Map.of("padding", "valid", "stride", List.of(2, 1)), "2,1,3,3", "1,1,2,1", "1"),
            of("conv2d", Map.of("padding", List.of(1, 0), "stride", 3), "1,1,4,3", "1,1,2,2"),
            of("conv_transpose2d", Map.of(), "1,2,2,2", "2,1,2,2", "1"),
            of("conv_transpose2d", Map.of("stride", List.of(2, 3), "padding", 1, "output_padding", List.of(1, 2), "groups", 2),
                    "1,2,2,2", "2,1,2,2"),
            of("conv_transpose2d", Map.of("dilation", 2, "stride", 2), "2,1,2,1", "1,2,2,1"));

    private static final List<OpCase> POOLS = List.of(
            of("max_pool2d", Map.of("kernel_size", 2), "1,2,4,4"),
            of("max_pool2d", Map.of("kernel_size", List.of(2, 3), "stride", 1), "2,1,3,4"),
            of("max_pool2d", Map.of("kernel_size", 3, "stride", List.of(2, 1), "padding", 1), "1,1,4,3"),
            of("max_pool2d", Map.of("kernel_size", 2, "stride", 3, "padding", List.of(0, 1)), "1,1,5,4"),
            of("max_pool2d", Map.of("kernel_size", 1), "0,2,3,3"), of("max_pool2d_indices", Map.of("kernel_size", 2), "1,2,4,4"),
            of("max_pool2d_indices", Map.of("kernel_size", 2, "stride", 1, "last", true), "1,1,3,3"),
            of("avg_pool2d", Map.of("kernel_size", 2), "1,2,4,4"),
            of("avg_pool2d", Map.of("kernel_size", List.of(3, 2), "stride", List.of(1, 3), "padding", 1), "2,1,3,4"),
            of("global_avg_pool2d", Map.of(), "2,3,2,3"), of("global_avg_pool2d", Map.of(), "0,3,1,1"));

    public static final List<OpCase> ALL = List.of(CONVOLUTIONS, POOLS).stream().flatMap(List::stream).toList();

    private SpatialCases() {}

    private static OpCase of(String op, Map<String, ?> attributes, String... shapes) {
        return OpCase.of(op, attributes, shapes);
    }
}
