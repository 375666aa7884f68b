/**
 * The classes that name the Vector API. They are loaded only where the module {@code jdk.incubator.vector} is present.
 *
 * <p>
 * HotSpot's C2 inlines no method of ours once it has made 18,000 nodes for a compilation, which is about 35 vector
 * operations, and none above 325 bytes of bytecode; a vector that crosses a call is boxed, which costs more than the
 * arithmetic. So a loop is written out as a whole, or it calls one function, which calls its own helpers first. A program uses
 * vectors of one length: C2 knows their class from what it has seen, and after two classes it boxes too.
 */
@NullMarked
package io.chainrule.core.kernel.simd;

import org.jspecify.annotations.NullMarked;
