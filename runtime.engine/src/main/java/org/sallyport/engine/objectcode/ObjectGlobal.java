package org.sallyport.engine.objectcode;

import org.sallyport.engine.GlobalImpl;
import org.sallyport.engine.StoreImpl;
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
    protected long low() {
        return cell.low;
    }

    @Override
    protected long high() {
        return cell.high;
    }

    @Override
    protected void set(long low, long high) {
        cell.low = low;
        cell.high = high;
    }
}
