package org.sallyport.bench;

import java.nio.file.Files;
import java.nio.file.Path;

/** A whole process: compiles a module, instantiates it, calls one of its functions without arguments, prints the result. */
final class First {
    private First() {}

    /** @param args engine, file, function */
    static void main(String[] args) throws Exception {
        System.out.println(Exports.of(args[0], Files.readAllBytes(Path.of(args[1]))).call(args[2]));
    }
}
