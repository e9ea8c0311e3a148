package org.sallyport.wasm;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gives equal type definitions of any number of modules the same number, so that type equality (WebAssembly 3.0, 3.3.1:
 * iso-recursive) is a comparison of ints and subtyping a look into an array.
 *
 * <p>Recursion groups are the unit of equality. A group is written down as a word sequence in which references to its
 * own members are relative and all others are numbers given before; two groups are equal exactly if their sequences
 * are.
 *
 * <p>An instance is a registry of its own; numbers of different registries must not be mixed. Thread-safe. What is
 * registered stays until as many {@link #release} calls as registrations; numbers are never given again.
 */
public final class TypeCanon {
    private static final int[] NO_TYPES = {};

    /** By number. The ancestors lead from the root down to the type itself. */
    private final Map<Integer, Entry> entries = new ConcurrentHashMap<>();

    private final Map<Key, Group> groups = new HashMap<>();
    private int next;

    private record Entry(Group group, SubType type, int[] ancestors) {}

    /** A registered recursion group of numbers {@code first} to {@code first + size - 1}. */
    private static final class Group {
        final Key key;
        final int first;
        final int size;
        int uses;

        Group(Key key, int first, int size) {
            this.key = key;
            this.first = first;
            this.size = size;
        }
    }

    /** Comparable, so that a module full of colliding types cannot make the map slow. */
    private record Key(int[] words) implements Comparable<Key> {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && Arrays.equals(words, key.words);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(words);
        }

        @Override
        public int compareTo(Key other) {
            return Arrays.compare(words, other.words);
        }
    }

    /**
     * Numbers of all types of a validated module, by type index.
     *
     * @throws IndexOutOfBoundsException if a type refers to one behind its group (impossible once validated)
     */
    public int[] register(WasmModule module) {
        if (module.types().isEmpty()) {
            return NO_TYPES;
        }
        int[] ids = new int[module.types().size()];
        for (RecGroup group : module.recGroups()) {
            register(module.types(), group, ids);
        }
        return ids;
    }

    /** The number of a function type that names no type definitions: of a host function, say. */
    public int register(FuncType type) {
        int[] id = new int[1];
        register(List.of(SubType.of(type)), new RecGroup(0, 1), id);
        return id[0];
    }

    /**
     * Registers one group.
     *
     * @param types all types of the module
     * @param ids numbers of the types before the group; those of the group are filled in
     */
    public synchronized void register(List<SubType> types, RecGroup group, int[] ids) {
        Key key = new Key(new GroupWords(group, ids).write(types));
        Group known = groups.get(key);
        if (known == null) {
            known = new Group(key, next, group.size());
            next = Math.addExact(next, group.size());
            groups.put(key, known);
            number(group, known.first, ids);
            enter(known, types, group, ids);
        }
        number(group, known.first, ids);
        known.uses++;
    }

    private static void number(RecGroup group, int first, int[] ids) {
        for (int i = 0; i < group.size(); i++) {
            ids[group.firstType() + i] = first + i;
        }
    }

    private void enter(Group known, List<SubType> types, RecGroup group, int[] ids) {
        for (int i = 0; i < group.size(); i++) {
            SubType type = types.get(group.firstType() + i);
            int[] parents = NO_TYPES;
            if (!type.supertypes().isEmpty()) {
                Entry parent = entries.get(ids[type.supertypes().getFirst()]);
                parents = parent == null ? NO_TYPES : parent.ancestors();
            }
            int[] ancestors = Arrays.copyOf(parents, parents.length + 1);
            ancestors[parents.length] = known.first + i;
            entries.put(known.first + i, new Entry(known, rename(type, ids), ancestors));
        }
    }

    /**
     * Undoes one {@link #register(WasmModule)}. Only when no instance and no function reference of the module is left.
     */
    public synchronized void release(int[] ids) {
        for (int id : ids) {
            Entry entry = entries.get(id);
            if (entry != null && entry.group().first == id && --entry.group().uses == 0) {
                Group group = entry.group();
                groups.remove(group.key);
                for (int i = 0; i < group.size; i++) {
                    entries.remove(group.first + i);
                }
            }
        }
    }

    /** Number of types that are registered now. */
    public int size() {
        return entries.size();
    }

    /**
     * The definition of a number; type indices in it are numbers too.
     *
     * @throws IllegalArgumentException if the number is not registered
     */
    public SubType type(int id) {
        return entry(id).type();
    }

    /** Numbers of the supertypes, from the root down to the type itself: one longer than the type is deep. A copy. */
    public int[] ancestors(int id) {
        return entry(id).ancestors().clone();
    }

    /** Whether the type is the other one or declared, directly or not, as its subtype (3.3.11). */
    public boolean isSubtype(int id, int of) {
        if (id == of) {
            return true;
        }
        int depth = entry(of).ancestors().length;
        int[] ancestors = entry(id).ancestors();
        return depth <= ancestors.length && ancestors[depth - 1] == of;
    }

    private Entry entry(int id) {
        Entry entry = entries.get(id);
        if (entry == null) {
            throw new IllegalArgumentException("no type " + id + " is registered here");
        }
        return entry;
    }

    /** Heap type subtyping (3.3.3), where concrete types are numbers. */
    public boolean matches(HeapType sub, HeapType sup) {
        if (sub.equals(sup)) {
            return true;
        }
        return switch (sup) {
            case HeapType.Concrete(int of) -> sub instanceof HeapType.Concrete(int id)
                    ? isSubtype(id, of)
                    : sub == HeapTypes.bottom(kind(of));
            case HeapType.Abstract to -> switch (sub) {
                case HeapType.Concrete(int id) -> HeapTypes.isSubtype(kind(id), to);
                case HeapType.Abstract from -> HeapTypes.isSubtype(from, to);
            };
        };
    }

    /** Reference subtyping (3.3.4). */
    public boolean matches(RefType sub, RefType sup) {
        return (sup.nullable() || !sub.nullable()) && matches(sub.heap(), sup.heap());
    }

    /** Value subtyping (3.3.5). */
    public boolean matches(ValType sub, ValType sup) {
        return sub.equals(sup) || sub instanceof RefType a && sup instanceof RefType b && matches(a, b);
    }

    /** The abstract type just above a definition: func, struct or array. */
    public HeapType.Abstract kind(int id) {
        return HeapTypes.kind(type(id).composite());
    }

    /** The type with its type indices replaced by their numbers. */
    public static ValType rename(ValType type, int[] ids) {
        return type instanceof RefType(boolean nullable, HeapType.Concrete(int index))
                ? new RefType(nullable, new HeapType.Concrete(ids[index]))
                : type;
    }

    private static SubType rename(SubType type, int[] ids) {
        if (!namesTypes(type)) {
            return type;
        }
        List<Integer> supertypes = type.supertypes().stream().map(i -> ids[i]).toList();
        CompositeType composite = switch (type.composite()) {
            case FuncType(var params, var results) -> new FuncType(rename(params, ids), rename(results, ids));
            case StructType(var fields) -> new StructType(fields.stream().map(f -> rename(f, ids)).toList());
            case ArrayType(var element) -> new ArrayType(rename(element, ids));
        };
        return new SubType(type.isFinal(), supertypes, composite);
    }

    private static boolean namesTypes(SubType type) {
        return !type.supertypes().isEmpty() || switch (type.composite()) {
            case FuncType(var params, var results) -> namesTypes(params) || namesTypes(results);
            case StructType(var fields) -> fields.stream().anyMatch(f -> namesType(f.storage()));
            case ArrayType(var element) -> namesType(element.storage());
        };
    }

    private static boolean namesTypes(List<ValType> types) {
        for (ValType type : types) {
            if (namesType(type)) {
                return true;
            }
        }
        return false;
    }

    private static boolean namesType(StorageType type) {
        return type instanceof RefType ref && ref.heap() instanceof HeapType.Concrete;
    }

    private static List<ValType> rename(List<ValType> types, int[] ids) {
        return types.stream().map(t -> rename(t, ids)).toList();
    }

    private static FieldType rename(FieldType field, int[] ids) {
        return field.storage() instanceof ValType type ? new FieldType(rename(type, ids), field.mutable()) : field;
    }

    /** Writes a group as the word sequence that stands for it. */
    private static final class GroupWords {
        private static final int FUNC = 0;
        private static final int STRUCT = 1;
        private static final int ARRAY = 2;

        private final RecGroup group;
        private final int[] ids;
        private int[] words = new int[16];
        private int length;

        GroupWords(RecGroup group, int[] ids) {
            this.group = group;
            this.ids = ids;
        }

        int[] write(List<SubType> types) {
            add(group.size());
            for (int i = 0; i < group.size(); i++) {
                type(types.get(group.firstType() + i));
            }
            return Arrays.copyOf(words, length);
        }

        private void type(SubType type) {
            add(type.isFinal() ? 1 : 0);
            add(type.supertypes().size());
            type.supertypes().forEach(this::index);
            switch (type.composite()) {
                case FuncType(var params, var results) -> {
                    add(FUNC);
                    values(params);
                    values(results);
                }
                case StructType(var fields) -> {
                    add(STRUCT);
                    add(fields.size());
                    fields.forEach(this::field);
                }
                case ArrayType(var element) -> {
                    add(ARRAY);
                    field(element);
                }
            }
        }

        private void values(List<ValType> types) {
            add(types.size());
            types.forEach(this::storage);
        }

        private void field(FieldType field) {
            add(field.mutable() ? 1 : 0);
            storage(field.storage());
        }

        private void storage(StorageType type) {
            switch (type) {
                case NumType number -> add(-1 - number.ordinal());
                case VecType _ -> add(-5);
                case PackedType packed -> add(-6 - packed.ordinal());
                case RefType(boolean nullable, HeapType.Abstract heap) ->
                    add(-0x100 - 2 * heap.ordinal() - (nullable ? 1 : 0));
                case RefType(boolean nullable, HeapType.Concrete(int index)) -> {
                    add(nullable ? -0x201 : -0x200);
                    index(index);
                }
            }
        }

        /** Members of the group by their place in it, which is odd; others by number, which is even. */
        private void index(int index) {
            int place = index - group.firstType();
            if (place >= group.size()) {
                throw new IndexOutOfBoundsException("type " + index + " is behind the group");
            }
            add(place >= 0 ? 2 * place + 1 : 2 * ids[index]);
        }

        private void add(int word) {
            if (length == words.length) {
                words = Arrays.copyOf(words, length * 2);
            }
            words[length++] = word;
        }
    }
}
