package org.sallyport.spi;

import java.util.List;
import java.util.concurrent.Executor;
import org.sallyport.CompileOptions;
import org.sallyport.GuestFrame;

/**
 * A back end whose code is Java's: memories, tables and globals are Java objects ({@link ObjectParts}), guests run on the
 * stacks of Java threads, and nothing native is needed. Thread-safe.
 */
public non-sealed interface ObjectBackEnd extends BackEnd {
    /**
     * Compiles all functions of the module, or prepares that.
     *
     * @param name of the module, for frames
     * @param budget asked within a tenth of a second, however large a function is; no thread works on for the
     *     compilation when this returns or throws
     * @throws org.sallyport.UnsupportedFeatureException if a function uses an instruction that this back end lacks;
     *     names function, instruction and offset
     * @throws org.sallyport.CompilationException on a limit of the back end or a cancelled compilation
     * @throws org.sallyport.LimitExceededException if the budget's memory is not enough
     */
    ObjectCode compile(String name, ValidModule module, CompileOptions options, CompileBudget budget, Executor executor);

    /**
     * The guests' frames on the stack of the calling thread, innermost first. Frames of calls into other stores may be among
     * them.
     */
    List<GuestFrame> backtrace();

    /** The same of the stack on which something was thrown. */
    List<GuestFrame> backtrace(Throwable thrown);

    /**
     * Whether references to anything but functions are Java objects, which no code can tell from outside: objects of the host are
     * themselves, exceptions are {@link Raised}. Else they are numbers, as those to functions are.
     */
    default boolean referencesAreObjects() {
        return false;
    }

    @Override
    default int preference() {
        return PORTABLE;
    }
}
