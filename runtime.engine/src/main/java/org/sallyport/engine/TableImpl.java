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
        return store.execution().stay(() -> store.references().toHost(table.type().element(), table.get(index)));
    }

    @Override
    public void set(long index, @Nullable Object value) {
        store.execution().stay(() -> {
            table.set(index, store.references().toGuest(table.type().element(), value));
            return null;
        });
    }

    @Override
    public long grow(long elements, @Nullable Object initial) {
        return store.execution().stay(() -> table.grow(elements, store.references().toGuest(table.type().element(), initial)));
    }

    @Override
    public String toString() {
        return entityType().toString();
    }
}
