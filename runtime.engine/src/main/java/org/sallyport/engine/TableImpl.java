package org.sallyport.engine;

import org.jspecify.annotations.Nullable;
import org.sallyport.EntityType;
import org.sallyport.Store;
import org.sallyport.Table;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.TableType;

/** A table as the host sees it. */
final class TableImpl implements Table {
    private final StoreImpl store;
    private final ReferenceTable table;

    TableImpl(StoreImpl store, ReferenceTable table) {
        this.store = store;
        this.table = table;
    }

    ReferenceTable references() {
        return table;
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public EntityType entityType() {
        return new EntityType.Table(type());
    }

    /** The declared type; its minimum is the current size (4.2.8). */
    @Override
    public TableType type() {
        TableType type = table.type();
        Limits limits = new Limits(size(), type.limits().hasMax(), type.limits().max());
        return new TableType(type.address(), limits, type.element());
    }

    @Override
    public long size() {
        return table.size();
    }

    @Override
    public @Nullable Object get(long index) {
        boolean outermost = store.occupy();
        try {
            return store.references().toHost(table.type().element(), table.get(index));
        } finally {
            leave(outermost);
        }
    }

    @Override
    public void set(long index, @Nullable Object value) {
        boolean outermost = store.occupy();
        try {
            table.set(index, store.references().toGuest(table.type().element(), value));
        } finally {
            leave(outermost);
        }
    }

    @Override
    public long grow(long elements, @Nullable Object initial) {
        boolean outermost = store.occupy();
        try {
            return table.grow(elements, store.references().toGuest(table.type().element(), initial));
        } finally {
            leave(outermost);
        }
    }

    private void leave(boolean outermost) {
        if (outermost) {
            store.vacate();
        }
    }

    @Override
    public String toString() {
        return entityType().toString();
    }
}
