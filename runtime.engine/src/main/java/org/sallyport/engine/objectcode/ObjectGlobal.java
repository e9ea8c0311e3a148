package org.sallyport.engine.objectcode;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.GlobalImpl;
import org.sallyport.engine.StoreImpl;
import org.sallyport.spi.GlobalCell;
import org.sallyport.spi.PassedObjects;
import org.sallyport.wasm.GlobalType;

/** A global in a Java object. */
final class ObjectGlobal extends GlobalImpl {
    private final GlobalCell cell = new GlobalCell();
    /** Null unless the value is an object. */
    private final @Nullable PassedObjects passed;

    /** @param passed of the store if the value is an object */
    ObjectGlobal(StoreImpl store, GlobalType type, @Nullable PassedObjects passed) {
        super(store, type);
        this.passed = passed;
    }

    GlobalCell cell() {
        return cell;
    }

    @Override
    protected long low() {
        return passed == null ? cell.low : passed.pass(cell.object);
    }

    @Override
    protected long high() {
        return cell.high;
    }

    @Override
    protected void set(long low, long high) {
        if (passed != null) {
            cell.object = passed.take(low);
            return;
        }
        cell.low = low;
        cell.high = high;
    }
}
