/**
 * The classes that name the Vector API. They are loaded only where the module {@code jdk.incubator.vector} is present.
 *
 * <p>The loops are written for HotSpot's C2 compiler. It inlines no further method once a compilation has 18,000 nodes of its intermediate
 * representation, which are about 35 vector operations, and it inlines no frequently called method above 325 bytes of bytecode. A vector
 * that is passed to a method which is not inlined becomes an object on the heap, which costs more than the arithmetic. So a long loop calls
 * no methods, and a shorter one calls a single function, whose helpers are inlined before the limit is reached. All vectors have one
 * length, because C2 derives their class from what it has observed, and with more than two classes it makes objects too.
 *
 * <p>What the vectors gain, with 512 bits and arrays of 1024 elements, in nanoseconds an element beside the scalar form: exp 0.8 (8), log
 * 2.2 (13), sigmoid 2.8 (27), softplus 5 (44), tanh, sin and the bell curve 2 (13 to 16), erf 5 (24), asin and atan 2 (8 to 14),
 * comparisons and roundings 0.3 (4 to 15), sums and maxima 0.15 to 0.2 (0.3 to 0.7). An fma in a product of 256 × 256 matrices takes 0.03
 * (0.3).
 */
@NullMarked
package io.chainrule.core.kernel.simd;

import org.jspecify.annotations.NullMarked;
