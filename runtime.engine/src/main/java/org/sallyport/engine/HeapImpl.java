package org.sallyport.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.sallyport.AnyRef;
import org.sallyport.Heap;
import org.sallyport.HeapStatistics;
import org.sallyport.engine.heap.ObjectTypes;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TypeCanon;

/** A store's heap for tools. */
final class HeapImpl implements Heap {
    private final StoreImpl store;
    /** Null where guests have no such heap. */
    private final @Nullable NativeExecution machine;

    HeapImpl(StoreImpl store) {
        this.store = store;
        machine = store.execution() instanceof NativeExecution guests ? guests : null;
    }

    @Override
    public void collect() {
        NativeExecution guests = machine;
        if (guests != null) {
            store.execution().stay(() -> {
                guests.heap.collectNow();
                return null;
            });
        } else {
            System.gc();
        }
    }

    @Override
    public HeapStatistics statistics() {
        NativeExecution guests = machine;
        if (guests == null) {
            return new HeapStatistics(
                    0,
                    store.execution().stay(() -> store.execution().objectBytes()),
                    0,
                    0,
                    store.references().hosts().count(),
                    List.of());
        }
        return store.execution().stay(() -> {
            guests.heap.collectNow();
            return count(guests);
        });
    }

    private static final class Sum {
        long objects;
        long bytes;
    }

    private HeapStatistics count(NativeExecution guests) {
        Map<ObjectTypes.Type, Sum> sums = new HashMap<>();
        guests.heap.forEach((type, _, bytes) -> {
            Sum sum = sums.computeIfAbsent(type, _ -> new Sum());
            sum.objects++;
            sum.bytes += bytes;
        });
        List<HeapStatistics.OfType> types = new ArrayList<>();
        long objects = 0;
        long bytes = 0;
        for (Map.Entry<ObjectTypes.Type, Sum> entry : sums.entrySet()) {
            ObjectTypes.Type type = entry.getKey();
            Sum sum = entry.getValue();
            objects += sum.objects;
            bytes += sum.bytes;
            types.add(new HeapStatistics.OfType(
                    new HeapType.Concrete(type.id()), type.composite(), sum.objects, sum.bytes));
        }
        types.sort(Comparator.comparingLong(HeapStatistics.OfType::bytes).reversed());
        return new HeapStatistics(
                objects,
                bytes,
                guests.heap.reservedBytes(),
                guests.heap.collections(),
                store.references().hosts().count(),
                types);
    }

    @Override
    public void forEach(HeapType wanted, Consumer<? super AnyRef> action) {
        store.engine.hostTypes().check(new RefType(true, wanted), "Heap.forEach");
        NativeExecution guests = machine;
        if (guests == null) {
            return;
        }
        TypeCanon types = store.engine.types();
        List<ObjectReference> found = store.execution().stay(() -> {
            guests.heap.collectNow();
            List<ObjectReference> list = new ArrayList<>();
            guests.heap.forEach((type, place, _) -> {
                if (types.matches(new HeapType.Concrete(type.id()), wanted)) {
                    list.add(ObjectReference.of(guests, place));
                }
            });
            return list;
        });
        found.forEach(action);
    }
}
