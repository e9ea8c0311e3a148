package org.sallyport.engine;

import org.sallyport.spi.Builtin;
import org.sallyport.spi.CallBlock;
import org.sallyport.spi.NativeMemory;

/** Builtins that machine code of one store calls: arguments come in 16-byte slots, a result goes there. */
final class NativeBuiltins {
    private static final Builtin[] BUILTINS = Builtin.values();
    private static final int MOST_ARGUMENTS = 8;
    /** By builtin. */
    private static final int[] ARGUMENTS = new int[BUILTINS.length];
    private static final boolean[] HAVE_RESULT = new boolean[BUILTINS.length];

    static {
        for (Builtin builtin : BUILTINS) {
            ARGUMENTS[builtin.ordinal()] = builtin.type().params().size();
            HAVE_RESULT[builtin.ordinal()] = !builtin.type().results().isEmpty();
        }
    }

    private final StoreImpl store;
    private final Exceptions exceptions;
    private final Builtins builtins;
    /** Arguments of the one that runs. */
    private final long[] words = new long[MOST_ARGUMENTS];

    NativeBuiltins(NativeExecution execution) {
        store = execution.store;
        exceptions = execution.exceptions;
        builtins = new Builtins(execution);
    }

    static Builtin builtin(int id) {
        return BUILTINS[id];
    }

    /** @param args address of slots for arguments and result */
    void run(Builtin builtin, NativeInstance instance, long args) {
        switch (builtin) {
            case COMPILE -> NativeMemory.putLong(args, instance.nativeModule().compile(NativeMemory.getInt(args), store));
            case THROW -> exceptions.raise(instance.tags[NativeMemory.getInt(args)]);
            case THROW_REF -> exceptions.raiseAgain(NativeMemory.getLong(args));
            case RETHROW -> exceptions.passOn();
            case CAUGHT -> NativeMemory.putLong(args, exceptions.caught());
            default -> runCommon(builtin, instance, args);
        }
    }

    private void runCommon(Builtin builtin, NativeInstance instance, long args) {
        int count = ARGUMENTS[builtin.ordinal()];
        for (int i = 0; i < count; i++) {
            words[i] = NativeMemory.getLong(CallBlock.slot(args, i));
        }
        long result = builtins.run(builtin, instance, words);
        if (HAVE_RESULT[builtin.ordinal()]) {
            NativeMemory.putLong(args, result);
        }
    }
}
