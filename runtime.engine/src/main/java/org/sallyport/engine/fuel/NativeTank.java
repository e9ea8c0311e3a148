package org.sallyport.engine.fuel;

import org.sallyport.spi.NativeMemory;

/** The fuel of guests that are machine code. */
public final class NativeTank extends FuelTank {
    private final long word;

    /** @param word its address */
    public NativeTank(long word, long units) {
        super(units);
        this.word = word;
        put(units);
    }

    @Override
    public long get() {
        return NativeMemory.getLong(word);
    }

    @Override
    protected void put(long units) {
        NativeMemory.putLong(word, units);
    }
}
