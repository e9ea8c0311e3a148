package org.sallyport.engine.objectcode;

import org.sallyport.engine.fuel.FuelTank;
import org.sallyport.spi.GlobalCell;

/** The fuel of guests that are Java code. */
final class ObjectTank extends FuelTank {
    private final GlobalCell cell = new GlobalCell();

    ObjectTank(long units) {
        super(units);
        put(units);
    }

    GlobalCell cell() {
        return cell;
    }

    @Override
    public long get() {
        return cell.low;
    }

    @Override
    protected void put(long units) {
        cell.low = units;
    }
}
