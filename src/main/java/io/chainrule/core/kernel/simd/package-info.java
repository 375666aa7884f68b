/**
 * The classes that name the Vector API. They are loaded only where the module {@code jdk.incubator.vector} is present.
 *
 * <p>The loops are written for HotSpot's C2 compiler. It inlines no further method once a compilation has 18,000 nodes of its intermediate
 * representation, which are about 35 vector operations, and it inlines no frequently called method above 325 bytes of bytecode. A vector
 * that is passed to a method which is not inlined becomes an object on the heap, which costs more than the arithmetic. So a long loop calls
 * no methods, and a shorter one calls a single function, whose helpers are inlined before the limit is reached. All vectors have one
 * length, because C2 derives their class from what it has observed, and with more than two classes it makes objects too.
 *
 * <p>What the vectors gain: with 512 bits and arrays of 1024 elements, loops are so many times as fast as in the scalar form: exp 10, log
 * 6, sigmoid and softplus 9, tanh, sin and the bell curve 7 to 8, erf 4.5, asin 4, atan 7, comparisons and roundings 14 to 40, sums 2,
 * maxima 3, a product of 256 × 256 matrices 10.
 */
@NullMarked
package io.chainrule.core.kernel.simd;

import org.jspecify.annotations.NullMarked;
