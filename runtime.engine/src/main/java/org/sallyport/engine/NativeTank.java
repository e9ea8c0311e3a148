package org.sallyport.engine;

import org.sallyport.spi.NativeMemory;

/** The fuel of guests that are machine code. */
final class NativeTank extends FuelTank {
    private final long word;

    /** @param word its address */
    NativeTank(long word, long units) {
        super(units);
        this.word = word;
        put(units);
    }

    @Override
    long get() {
        return NativeMemory.getLong(word);
    }

    @Override
    void put(long units) {
        NativeMemory.putLong(word, units);
    }
}
