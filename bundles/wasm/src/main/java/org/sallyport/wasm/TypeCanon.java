package org.sallyport.wasm;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntConsumer;

import org.jspecify.annotations.Nullable;

/**
 * Gives equal type definitions of any number of modules the same number, so that type equality (WebAssembly 3.0, 3.3.1:
 * iso-recursive) is a comparison of ints and subtyping a short walk.
 *
 * <p>Recursion groups are the unit of equality. A group is written down as a word sequence in which references to its
 * own members are relative and all others are numbers given before; two groups are equal exactly if their sequences
 * are.
 *
 * <p>An instance is a registry of its own; numbers of different registries must not be mixed. Thread-safe. What is
 * registered stays until as many {@link #release} calls as registrations, and as long as something registered names it.
 * A number is given again only when 2^31 others have been given since; who keeps one without having registered what it
 * stands for must be ready to find it unknown.
 */
public final class TypeCanon {
    private static final int[] NO_TYPES = {};

    /** By number. */
    private final Map<Integer, Entry> entries = new ConcurrentHashMap<>();

    private final Map<Key, Group> groups = new HashMap<>();

    // guarded by this: numbers from next (inclusive) to end (exclusive) are free
    private long next;
    private long end = 1L << 31;

    /**
     * A definition. The way up is short ({@code LoadLimits.SUBTYPE_DEPTH}), and kept as one reference: a list of all
     * ancestors for each type would take forty times as much as the module that declares them.
     *
     * @param depth how many are above
     */
    private record Entry(Group group, int id, SubType type, @Nullable Entry parent, int depth) {}

    /** A registered recursion group of numbers {@code first} to {@code first + size - 1}. */
    private static final class Group {
        final Key key;
        final int first;
        final int size;
        /** Registrations, and how often other groups name a member. */
        int uses;

        Group(Key key, int first, int size) {
            this.key = key;
            this.first = first;
            this.size = size;
        }

        boolean holds(int id) {
            return id >= first && id - first < size;
        }
    }

    /** Comparable, so that colliding types cannot make the map slow, and hashed so that nobody can choose such types. */
    private record Key(int[] words) implements Comparable<Key> {
        private static final long SECRET = ThreadLocalRandom.current().nextLong() | 1;

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && Arrays.equals(words, key.words);
        }

        @Override
        public int hashCode() {
            long hash = words.length;
            for (int word : words) {
                hash = (hash ^ word) * SECRET;
                hash ^= hash >>> 32;
            }
            return (int) hash;
        }

        @Override
        public int compareTo(Key other) {
            return Arrays.compare(words, other.words);
        }
    }

    /** A registry that begins with number 0. */
    public TypeCanon() {
        this(0);
    }

    /**
     * @param first the first number, not negative. Registries that begin far apart notice each other's numbers, since
     *     they do not know them
     */
    public TypeCanon(int first) {
        next = first;
    }

    /**
     * Numbers of all types of a validated module, by type index.
     *
     * @param check called every few milliseconds; what it throws ends the registration, and nothing of it stays
     * @throws IndexOutOfBoundsException if a type refers to one behind its group (impossible once validated)
     */
    public int[] register(WasmModule module, Runnable check) {
        if (module.types().isEmpty()) {
            return NO_TYPES;
        }
        int[] ids = new int[module.types().size()];
        Pace pace = new Pace(check);
        int registered = 0;
        try {
            for (RecGroup group : module.recGroups()) {
                register(module.types(), group, ids, pace);
                registered = group.firstType() + group.size();
            }
        } catch (Throwable t) {
            release(Arrays.copyOf(ids, registered));
            throw t;
        }
        return ids;
    }

    /** Looks up from the work now and then. */
    private static final class Pace {
        private static final int STEPS = 4096;
        private final Runnable check;
        private int left = STEPS;

        Pace(Runnable check) {
            this.check = check;
        }

        void steps(int n) {
            left -= n;
            if (left < 0) {
                left = STEPS;
                check.run();
            }
        }
    }

    /**
     * The number of a function type that comes from outside of modules, such as a host function's.
     *
     * @param type what it names are numbers of this registry
     * @throws IllegalArgumentException if it names a number that is not registered
     */
    public synchronized int register(FuncType type) {
        SubType definition = SubType.of(type);
        forEachNamed(definition, this::entry);
        Key key = key(definition);
        Group known = groups.get(key);
        if (known == null) {
            known = newGroup(key, 1);
            enter(known, new Entry[] {new Entry(known, known.first, definition, null, 0)});
        }
        known.uses++;
        return known.first;
    }

    /** The number of such a type if it is registered, else -1. */
    public synchronized int find(FuncType type) {
        SubType definition = SubType.of(type);
        boolean[] unknown = new boolean[1];
        forEachNamed(definition, id -> unknown[0] |= !isKnown(id));
        Group known = unknown[0] ? null : groups.get(key(definition));
        return known == null ? -1 : known.first;
    }

    /** Of a definition that names registered numbers. */
    private static Key key(SubType type) {
        return new Key(new GroupWords(new RecGroup(0, 1), null).write(List.of(type), new Pace(() -> {})));
    }

    /**
     * Registers once more what a number stands for.
     *
     * @throws IllegalArgumentException if the number is not registered
     */
    public synchronized void retain(int id) {
        entry(id).group().uses++;
    }

    /**
     * Registers one group.
     *
     * @param types all types of the module
     * @param ids numbers of the types before the group; those of the group are filled in
     * @param check called every few milliseconds; what it throws ends the registration, and nothing of it stays
     */
    public void register(List<SubType> types, RecGroup group, int[] ids, Runnable check) {
        register(types, group, ids, new Pace(check));
    }

    private void register(List<SubType> types, RecGroup group, int[] ids, Pace pace) {
        Key key = new Key(new GroupWords(group, ids).write(types, pace));
        synchronized (this) {
            Group known = groups.get(key);
            if (known == null) {
                known = newGroup(key, group.size());
                number(group, known.first, ids);
                enter(known, definitions(known, types, group, ids, pace));
            }
            number(group, known.first, ids);
            known.uses++;
        }
    }

    private Entry[] definitions(Group known, List<SubType> types, RecGroup group, int[] ids, Pace pace) {
        Entry[] definitions = new Entry[group.size()];
        for (int i = 0; i < definitions.length; i++) {
            pace.steps(8);
            SubType type = rename(types.get(group.firstType() + i), ids);
            Entry parent = parent(known, type, definitions);
            definitions[i] = new Entry(known, known.first + i, type, parent, parent == null ? 0 : parent.depth() + 1);
        }
        return definitions;
    }

    private static void number(RecGroup group, int first, int[] ids) {
        for (int i = 0; i < group.size(); i++) {
            ids[group.firstType() + i] = first + i;
        }
    }

    /** A group with numbers, which {@link #enter} makes known. */
    private Group newGroup(Key key, int size) {
        if (end - next < size) {
            findNumbers(size);
        }
        Group group = new Group(key, (int) next, size);
        next += size;
        return group;
    }

    /** Turns to the longest range of numbers that are not in use. */
    private void findNumbers(int size) {
        int[] used = entries.keySet().stream().mapToInt(id -> id).sorted().toArray();
        long from = 0;
        next = 0;
        end = 0;
        for (int i = 0; i <= used.length; i++) {
            long to = i < used.length ? used[i] : 1L << 31;
            if (to - from > end - next) {
                next = from;
                end = to;
            }
            from = to + 1;
        }
        if (end - next < size) {
            throw new IllegalStateException(
                    "no numbers for " + size + " type definitions: " + used.length + " are registered; close modules");
        }
    }

    /** @param before definitions of members of the group that come before */
    private @Nullable Entry parent(Group group, SubType type, Entry[] before) {
        if (type.supertypes().isEmpty()) {
            return null;
        }
        int id = type.supertypes().getFirst();
        return group.holds(id) ? before[id - group.first] : entries.get(id);
    }

    private void enter(Group group, Entry[] definitions) {
        groups.put(group.key, group);
        for (int i = 0; i < definitions.length; i++) {
            entries.put(group.first + i, definitions[i]);
            forEachNamed(definitions[i].type(), id -> {
                if (!group.holds(id)) {
                    entry(id).group().uses++;
                }
            });
        }
    }

    /** Undoes one registration of each. Only when no instance and no function reference of the module is left. */
    public synchronized void release(int[] ids) {
        Deque<Group> unused = new ArrayDeque<>();
        for (int id : ids) {
            Entry entry = entries.get(id);
            if (entry != null && entry.group().first == id && --entry.group().uses == 0) {
                remove(entry.group(), unused);
            }
        }
    }

    /**
     * Undoes one {@link #retain}.
     *
     * @throws IllegalArgumentException if the number is not registered
     */
    public synchronized void release(int id) {
        Group group = entry(id).group();
        if (--group.uses == 0) {
            remove(group, new ArrayDeque<>());
        }
    }

    /** Removes a group and what only it has named. @param unused empty, before and after */
    private void remove(Group group, Deque<Group> unused) {
        unused.push(group);
        while (!unused.isEmpty()) {
            Group gone = unused.pop();
            groups.remove(gone.key);
            for (int i = 0; i < gone.size; i++) {
                Entry entry = entries.remove(gone.first + i);
                forEachNamed(entry.type(), id -> {
                    if (!gone.holds(id)) {
                        Group other = entry(id).group();
                        if (--other.uses == 0) {
                            unused.push(other);
                        }
                    }
                });
            }
        }
    }

    private static void forEachNamed(SubType type, IntConsumer action) {
        type.supertypes().forEach(action::accept);
        switch (type.composite()) {
            case FuncType(var params, var results) -> {
                params.forEach(t -> named(t, action));
                results.forEach(t -> named(t, action));
            }
            case StructType(var fields) -> fields.forEach(f -> named(f.storage(), action));
            case ArrayType(var element) -> named(element.storage(), action);
        }
    }

    private static void named(StorageType type, IntConsumer action) {
        if (type instanceof RefType(_, HeapType.Concrete(int id))) {
            action.accept(id);
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

    /** Numbers of the supertypes, from the root down to the type itself: one longer than the type is deep. */
    public int[] ancestors(int id) {
        int[] ancestors = new int[entry(id).depth() + 1];
        for (Entry at = entry(id); at != null; at = at.parent()) {
            ancestors[at.depth()] = at.id();
        }
        return ancestors;
    }

    /** Whether a number is registered. */
    public boolean isKnown(int id) {
        return entries.containsKey(id);
    }

    /**
     * Whether the type is the other one or declared, directly or not, as its subtype (3.3.11). A number that is not
     * registered is nobody's subtype but its own.
     */
    public boolean isSubtype(int id, int of) {
        if (id == of) {
            return true;
        }
        Entry sub = entries.get(id);
        Entry sup = entries.get(of);
        if (sub == null || sup == null) {
            return false;
        }
        Entry at = sub;
        while (at != null && at.depth() > sup.depth()) {
            at = at.parent();
        }
        return at == sup;
    }

    /** Where in its recursion group a type is, for messages: {@code , member 1 of a group of 3}, or nothing if alone. */
    public String groupOf(int id) {
        Group group = entry(id).group();
        return group.size == 1 ? "" : ", member " + (id - group.first) + " of a group of " + group.size;
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
                    : isKnown(of) && sub == HeapTypes.bottom(kind(of));
            case HeapType.Abstract to -> switch (sub) {
                case HeapType.Concrete(int id) -> isKnown(id) && HeapTypes.isSubtype(kind(id), to);
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

    /** What names no types stays the same object. */
    private static SubType rename(SubType type, int[] ids) {
        CompositeType composite = rename(type.composite(), ids);
        if (type.supertypes().isEmpty() && composite == type.composite()) {
            return type;
        }
        List<Integer> supertypes = type.supertypes().stream().map(i -> ids[i]).toList();
        return new SubType(type.isFinal(), supertypes, composite);
    }

    private static CompositeType rename(CompositeType type, int[] ids) {
        if (!namesTypes(type)) {
            return type;
        }
        return switch (type) {
            case FuncType(var params, var results) -> new FuncType(rename(params, ids), rename(results, ids));
            case StructType(var fields) -> new StructType(fields.stream().map(f -> rename(f, ids)).toList());
            case ArrayType(var element) -> new ArrayType(rename(element, ids));
        };
    }

    private static boolean namesTypes(CompositeType type) {
        return switch (type) {
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
        private final int @Nullable [] ids;
        private int[] words = new int[16];
        private int length;

        /** @param ids numbers by type index; null if the types name numbers, and none of the group */
        GroupWords(RecGroup group, int @Nullable [] ids) {
            this.group = group;
            this.ids = ids;
        }

        int[] write(List<SubType> types, Pace pace) {
            add(group.size());
            for (int i = 0; i < group.size(); i++) {
                int before = length;
                type(types.get(group.firstType() + i));
                pace.steps(8 + length - before);
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
            if (ids == null) {
                add(2 * index);
                return;
            }
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
