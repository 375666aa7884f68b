package io.chainrule.benchmark;

import io.chainrule.core.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The functions of {@code gradients.cpp}, compiled for this machine and called in this process. */
final class Cpp {
    private static final Path SOURCE = Path.of("src", "benchmark", "cpp", "gradients.cpp");

    private Cpp() {}

    /** A function whose arguments are whole numbers, arrays, and the array of its results. */
    static Contender function(String name, int[] numbers, List<Tensor> arrays, int results) {
        List<Object> arguments = new ArrayList<>();
        List<ValueLayout> layouts = new ArrayList<>();
        for (int number : numbers) {
            arguments.add(number);
            layouts.add(ValueLayout.JAVA_INT);
        }
        for (Tensor array : arrays) {
            arguments.add(Arena.global().allocateFrom(ValueLayout.JAVA_DOUBLE, array.data()));
            layouts.add(ValueLayout.ADDRESS);
        }
        MemorySegment result = Arena.global().allocate(ValueLayout.JAVA_DOUBLE, results);
        arguments.add(result);
        layouts.add(ValueLayout.ADDRESS);
        MethodHandle function = Linker.nativeLinker().downcallHandle(library().findOrThrow(name),
                FunctionDescriptor.ofVoid(layouts.toArray(ValueLayout[]::new)));
        return new Contender() {
            @Override
            public Object run() {
                try {
                    function.invokeWithArguments(arguments);
                } catch (Throwable e) {
                    throw new IllegalStateException(e);
                }
                return result;
            }

            @Override
            public double[] results() {
                return result.toArray(ValueLayout.JAVA_DOUBLE);
            }
        };
    }

    private static SymbolLookup library() {
        try {
            Path library = Files.createTempFile("gradients", ".so");
            Commands.run("g++", "-std=c++17", "-O3", "-march=native", "-shared", "-fPIC", SOURCE.toString(), "-o", library.toString());
            SymbolLookup lookup = SymbolLookup.libraryLookup(library, Arena.global());
            Files.delete(library);
            return lookup;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
