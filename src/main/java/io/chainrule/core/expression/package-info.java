/**
 * Converts programs as clients write them, as text or as lists of nodes, to graphs.
 *
 * <p>A text uses the notation of NumPy, with one statement a line; the last statement is the output. Functions are inlined and loops
 * are unrolled. Time and memory are linear in the size of the text after that, which is limited. Nothing recurses over the text.
 *
 * <p>A statement that only names a node, {@code f = x}, adds no node: {@code f} is an alias of {@code x}, which keeps its id, as in
 * JAX, where both are the same value. In the same way {@code output} is an alias if the last statement is a bare name.
 *
 * <p>A function {@code f(a, b) = a * b} is evaluated again at each call. As in Python, its parameters hide other names, the other names
 * in its body are looked up at the call, the latest definition counts, and a function hides an op of the same name. A loop
 * {@code for i in 0:10} is evaluated pass by pass; its variable is a number, which it keeps after the loop.
 */
@NullMarked
package io.chainrule.core.expression;

import org.jspecify.annotations.NullMarked;
