package org.sallyport.engine;

import org.sallyport.EntityType;
import org.sallyport.Store;
import org.sallyport.Tag;
import org.sallyport.wasm.FuncType;

/** An exception tag; its identity is the object's. */
final class TagImpl implements Tag {
    private final StoreImpl store;
    private final FuncType type;
    private final int typeId;

    TagImpl(StoreImpl store, FuncType type, int typeId) {
        this.store = store;
        this.type = type;
        this.typeId = typeId;
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public EntityType entityType() {
        return new EntityType.Tag(type);
    }

    @Override
    public FuncType type() {
        return type;
    }

    int typeId() {
        return typeId;
    }
}
