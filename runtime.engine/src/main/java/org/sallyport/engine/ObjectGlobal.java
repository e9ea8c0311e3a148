package org.sallyport.engine;

import org.sallyport.spi.GlobalCell;
import org.sallyport.wasm.GlobalType;

/** A global in a Java object. */
final class ObjectGlobal extends GlobalImpl {
    private final GlobalCell cell = new GlobalCell();

    ObjectGlobal(StoreImpl store, GlobalType type) {
        super(store, type);
    }

    GlobalCell cell() {
        return cell;
    }

    @Override
    long low() {
        return cell.low;
    }

    @Override
    long high() {
        return cell.high;
    }

    @Override
    void set(long low, long high) {
        cell.low = low;
        cell.high = high;
    }
}
