package org.sallyport.codegen.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.sallyport.I31Ref;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.ir.Type;
import org.sallyport.spi.GuestArray;
import org.sallyport.spi.GuestObject;
import org.sallyport.spi.GuestStruct;
import org.sallyport.spi.GuestType;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;

/** Structures, arrays, i31 and tests of references: objects of Java, whose fields code names. */
final class EmitObjects {
    private static final ClassDesc OBJECT = ConstantDescs.CD_Object;
    private static final ClassDesc INT = ConstantDescs.CD_int;
    private static final ClassDesc LONG = ConstantDescs.CD_long;
    private static final ClassDesc VOID = ConstantDescs.CD_void;
    private static final ClassDesc TYPE = Shape.desc(GuestType.class);
    private static final ClassDesc GUEST = Shape.desc(GuestObject.class);
    private static final ClassDesc ARRAY = Shape.desc(GuestArray.class);
    private static final ClassDesc OBJECTS = OBJECT.arrayType();
    private static final MethodTypeDesc TEST = MethodTypeDesc.of(INT, OBJECT);
    /** Classes of structures by level. */
    private static final ClassDesc[] STRUCTS = {
        Shape.desc(GuestStruct.class),
        Shape.desc(GuestStruct.Two.class),
        Shape.desc(GuestStruct.TwoAndTwo.class),
        Shape.desc(GuestStruct.FourAndTwo.class),
        Shape.desc(GuestStruct.FourAndFour.class),
        Shape.desc(GuestStruct.Large.class)
    };
    /** Behind those that calls and vectors use. */
    private static final int TEMPORARY = 16;

    private final EmitFunction out;
    private final Graph graph;
    private final CodeBuilder code;
    private final ModuleFacts facts;
    private final int made;

    EmitObjects(EmitFunction out) {
        this.out = out;
        graph = out.graph;
        code = out.code;
        facts = out.module.facts();
        made = out.scratch + TEMPORARY;
    }

    void emit(int v) {
        switch (graph.objectOp(v)) {
            case STRUCT_NEW, STRUCT_NEW_DEFAULT -> newStruct(v);
            case STRUCT_GET -> getField(v, false);
            case STRUCT_GET_S -> getField(v, true);
            case STRUCT_SET -> {
                out.push(graph.operand(v, 0));
                setField(v, graph.objectIndex(v), graph.operand(v, 1));
            }
            case ARRAY_NEW, ARRAY_NEW_DEFAULT -> newArray(v);
            case ARRAY_NEW_FIXED -> newFixed(v);
            case ARRAY_NEW_DATA -> newOfSegment(v, "newArrayOfData");
            case ARRAY_NEW_ELEM -> newOfSegment(v, "newArrayOfElements");
            case ARRAY_LEN -> {
                pushArray(graph.operand(v, 0));
                code.invokevirtual(ARRAY, "length", MethodTypeDesc.of(INT));
            }
            case ARRAY_GET -> getElement(v, false);
            case ARRAY_GET_S -> getElement(v, true);
            case ARRAY_SET -> setElement(
                    v,
                    () -> pushElements(v, graph.operand(v, 0)),
                    () -> out.push(graph.operand(v, 1)),
                    graph.operand(v, 2));
            case ARRAY_FILL -> fill(v);
            case ARRAY_COPY -> {
                code.aload(out.context);
                out.pushOperands(v, 0);
                out.at(v);
                code.invokevirtual(Shape.CONTEXT, "copy", MethodTypeDesc.of(VOID, OBJECT, INT, OBJECT, INT, INT));
            }
            case ARRAY_INIT_DATA -> initialize(v, "initOfData");
            case ARRAY_INIT_ELEM -> initialize(v, "initOfElements");
        }
    }

    private void pushType(int type) {
        code.aload(out.context).loadConstant(type);
        code.invokevirtual(Shape.CONTEXT, "type", MethodTypeDesc.of(TYPE, INT));
    }

    // ---- structures

    private StructPlaces places(int type) {
        return new StructPlaces((StructType) facts.composite(type), facts);
    }

    private void newStruct(int v) {
        int type = graph.objectType(v);
        StructPlaces places = places(type);
        ClassDesc owner = STRUCTS[places.level()];
        code.new_(owner).dup();
        pushType(type);
        code.invokespecial(owner, "<init>", MethodTypeDesc.of(VOID, TYPE)).astore(made);
        for (int i = 0; i < graph.operandCount(v); i++) {
            code.aload(made);
            setField(v, i, graph.operand(v, i));
        }
        code.aload(out.context).aload(made).loadConstant(places.bytes());
        out.at(v);
        code.invokevirtual(Shape.CONTEXT, "made", MethodTypeDesc.of(VOID, GUEST, INT));
        code.aload(made);
    }

    private StorageType storage(int v, int field) {
        return ((StructType) facts.composite(graph.objectType(v))).fields().get(field).storage();
    }

    /** With the structure on the stack. */
    private void setField(int v, int field, int value) {
        StructPlaces places = places(graph.objectType(v));
        int place = places.place(field);
        if (graph.type(value) == Type.V128) {
            code.dup();
            setWord(place, () -> out.pushHalf(value, false));
            setWord(place + 1, () -> out.pushHalf(value, true));
        } else if (graph.type(value) != Type.REF) {
            setWord(place, () -> {
                out.push(value);
                Convert.toLong(code, graph.type(value), out.context);
            });
        } else if (StructPlaces.isListed(place, true)) {
            pushList(true);
            code.loadConstant(StructPlaces.inList(place, true));
            out.push(value);
            code.aastore();
        } else {
            ClassDesc owner = STRUCTS[StructPlaces.level(place, true)];
            code.checkcast(owner);
            out.push(value);
            code.putfield(owner, StructPlaces.name(place, true), OBJECT);
        }
    }

    /** With the structure on the stack. */
    private void setWord(int place, Runnable value) {
        if (StructPlaces.isListed(place, false)) {
            pushList(false);
            code.loadConstant(StructPlaces.inList(place, false));
            value.run();
            code.lastore();
        } else {
            ClassDesc owner = STRUCTS[StructPlaces.level(place, false)];
            code.checkcast(owner);
            value.run();
            code.putfield(owner, StructPlaces.name(place, false), LONG);
        }
    }

    /** Of the structure on the stack. */
    private void pushList(boolean ofObjects) {
        ClassDesc large = STRUCTS[STRUCTS.length - 1];
        code.checkcast(large).getfield(large, ofObjects ? "objects" : "words", ofObjects ? OBJECTS : Shape.LONGS);
    }

    private void getField(int v, boolean signed) {
        int field = graph.objectIndex(v);
        int place = places(graph.objectType(v)).place(field);
        out.push(graph.operand(v, 0));
        if (graph.type(v) == Type.REF) {
            getPlace(place, true);
            return;
        }
        getPlace(place, false);
        Convert.fromLong(code, graph.type(v), out.context);
        if (graph.type(v) == Type.V128) {
            out.push(graph.operand(v, 0));
            getPlace(place + 1, false);
        }
        narrow(storage(v, field), signed);
    }

    /** Of the structure on the stack. */
    private void getPlace(int place, boolean isObject) {
        if (!StructPlaces.isListed(place, isObject)) {
            ClassDesc owner = STRUCTS[StructPlaces.level(place, isObject)];
            code.checkcast(owner).getfield(owner, StructPlaces.name(place, isObject), isObject ? OBJECT : LONG);
            return;
        }
        pushList(isObject);
        code.loadConstant(StructPlaces.inList(place, isObject));
        if (isObject) {
            code.aaload();
        } else {
            code.laload();
        }
    }

    /** With an i32 on the stack that a packed field or element holds. */
    private void narrow(StorageType storage, boolean signed) {
        if (storage == PackedType.I8) {
            if (signed) {
                code.i2b();
            } else {
                code.loadConstant(0xFF).iand();
            }
        } else if (storage == PackedType.I16) {
            if (signed) {
                code.i2s();
            } else {
                code.i2c();
            }
        }
    }

    // ---- arrays

    private StorageType element(int v) {
        return ((ArrayType) facts.composite(graph.objectType(v))).element().storage();
    }

    private GuestType.Kind kind(int v) {
        return GuestType.kind(element(v), facts::isFunctionType);
    }

    private ClassDesc owner(GuestType.Kind kind) {
        return Shape.desc(switch (kind) {
            case BYTE -> GuestArray.OfBytes.class;
            case SHORT -> GuestArray.OfShorts.class;
            case INT -> GuestArray.OfInts.class;
            case LONG -> GuestArray.OfLongs.class;
            case FLOAT -> GuestArray.OfFloats.class;
            case DOUBLE -> GuestArray.OfDoubles.class;
            case VECTOR -> GuestArray.OfVectors.class;
            case OBJECT -> GuestArray.OfObjects.class;
        });
    }

    private static ClassDesc elements(GuestType.Kind kind) {
        ClassDesc element = switch (kind) {
            case BYTE -> ConstantDescs.CD_byte;
            case SHORT -> ConstantDescs.CD_short;
            case INT -> INT;
            case LONG, VECTOR -> LONG;
            case FLOAT -> ConstantDescs.CD_float;
            case DOUBLE -> ConstantDescs.CD_double;
            case OBJECT -> OBJECT;
        };
        return element.arrayType();
    }

    private void pushArray(int reference) {
        out.push(reference);
        code.checkcast(ARRAY);
    }

    private void pushElements(int v, int reference) {
        GuestType.Kind kind = kind(v);
        out.push(reference);
        code.checkcast(owner(kind)).getfield(owner(kind), "elements", elements(kind));
    }

    private void getElement(int v, boolean signed) {
        int array = graph.operand(v, 0);
        int index = graph.operand(v, 1);
        pushElements(v, array);
        out.push(index);
        switch (kind(v)) {
            case BYTE -> code.baload();
            case SHORT -> code.saload();
            case INT -> code.iaload();
            case LONG -> code.laload();
            case FLOAT -> code.faload();
            case DOUBLE -> code.daload();
            case OBJECT -> code.aaload();
            case VECTOR -> {
                code.iconst_1().ishl().laload();
                pushElements(v, array);
                out.push(index);
                code.iconst_1().ishl().iconst_1().iadd().laload();
            }
        }
        narrow(element(v), signed);
    }

    private void setElement(int v, Runnable elements, Runnable index, int value) {
        elements.run();
        index.run();
        if (kind(v) == GuestType.Kind.VECTOR) {
            code.iconst_1().ishl();
            out.pushHalf(value, false);
            code.lastore();
            elements.run();
            index.run();
            code.iconst_1().ishl().iconst_1().iadd();
            out.pushHalf(value, true);
            code.lastore();
            return;
        }
        out.push(value);
        switch (kind(v)) {
            case BYTE -> code.bastore();
            case SHORT -> code.sastore();
            case INT -> code.iastore();
            case LONG, VECTOR -> code.lastore();
            case FLOAT -> code.fastore();
            case DOUBLE -> code.dastore();
            case OBJECT -> code.aastore();
        }
    }

    /** With the length to be pushed last. */
    private void allocate(int v, Runnable length) {
        code.aload(out.context).loadConstant(graph.objectType(v));
        length.run();
        out.at(v);
        code.invokevirtual(Shape.CONTEXT, "newArray", MethodTypeDesc.of(ARRAY, INT, INT)).astore(made);
    }

    private void newArray(int v) {
        int last = graph.operandCount(v) - 1;
        allocate(v, () -> out.push(graph.operand(v, last)));
        if (last > 0) {
            code.aload(out.context).aload(made).iconst_0();
            pushValue(graph.operand(v, 0));
            code.aload(made).invokevirtual(ARRAY, "length", MethodTypeDesc.of(INT));
            invokeFill();
        }
        code.aload(made);
    }

    /** The value in both of its ways. */
    private void pushValue(int value) {
        boolean isObject = graph.type(value) == Type.REF;
        if (isObject) {
            code.lconst_0().lconst_0();
            out.push(value);
        } else if (graph.type(value) == Type.V128) {
            out.pushHalf(value, false);
            out.pushHalf(value, true);
            code.aconst_null();
        } else {
            out.push(value);
            Convert.toLong(code, graph.type(value), out.context);
            code.lconst_0().aconst_null();
        }
    }

    private void invokeFill() {
        code.invokevirtual(Shape.CONTEXT, "fill", MethodTypeDesc.of(VOID, OBJECT, INT, LONG, LONG, OBJECT, INT));
    }

    private void fill(int v) {
        code.aload(out.context);
        out.push(graph.operand(v, 0));
        out.push(graph.operand(v, 1));
        pushValue(graph.operand(v, 2));
        out.push(graph.operand(v, 3));
        out.at(v);
        invokeFill();
    }

    private void newFixed(int v) {
        int n = graph.operandCount(v);
        GuestType.Kind kind = kind(v);
        allocate(v, () -> code.loadConstant(n));
        for (int i = 0; i < n; i++) {
            int at = i;
            setElement(
                    v,
                    () -> code.aload(made).checkcast(owner(kind)).getfield(owner(kind), "elements", elements(kind)),
                    () -> code.loadConstant(at),
                    graph.operand(v, i));
        }
        code.aload(made);
    }

    private void newOfSegment(int v, String method) {
        code.aload(out.context).loadConstant(graph.objectType(v)).loadConstant(graph.objectIndex(v));
        out.pushOperands(v, 0);
        out.at(v);
        code.invokevirtual(Shape.CONTEXT, method, MethodTypeDesc.of(ARRAY, INT, INT, INT, INT));
    }

    private void initialize(int v, String method) {
        code.aload(out.context).loadConstant(graph.objectIndex(v));
        out.pushOperands(v, 0);
        out.at(v);
        code.invokevirtual(Shape.CONTEXT, method, MethodTypeDesc.of(VOID, INT, OBJECT, INT, INT, INT));
    }

    // ---- references

    void test(int v) {
        Label end = code.newLabel();
        Label isNull = code.newLabel();
        out.push(graph.a(v));
        if (graph.aux(v) != 0) {
            code.dup().ifnull(isNull);
        }
        switch (graph.heapType(v)) {
            case HeapType.Concrete(int type) -> {
                pushType(type);
                code.invokestatic(GUEST, "is", MethodTypeDesc.of(ConstantDescs.CD_boolean, OBJECT, TYPE));
            }
            case HeapType.Abstract kind -> {
                switch (kind) {
                    case ANY, EXTERN, EXN, FUNC -> code.invokestatic(Shape.CONTEXT, "isThere", TEST);
                    case EQ -> code.invokestatic(Shape.CONTEXT, "isEq", TEST);
                    case I31 -> code.instanceOf(Shape.desc(I31Ref.class));
                    case STRUCT -> code.instanceOf(STRUCTS[0]);
                    case ARRAY -> code.instanceOf(ARRAY);
                    case NONE, NOEXTERN, NOEXN, NOFUNC -> code.pop().iconst_0();
                }
            }
        }
        if (graph.aux(v) != 0) {
            code.goto_(end).labelBinding(isNull);
            code.pop().iconst_1();
            code.labelBinding(end);
        }
    }

    void isSame(int v) {
        out.push(graph.a(v));
        out.push(graph.b(v));
        code.invokestatic(Shape.CONTEXT, "isSame", MethodTypeDesc.of(INT, OBJECT, OBJECT));
    }

    void newI31(int v) {
        out.push(graph.a(v));
        code.invokestatic(Shape.CONTEXT, "i31", MethodTypeDesc.of(OBJECT, INT));
    }

    void getI31(int v) {
        out.push(graph.a(v));
        code.invokestatic(Shape.CONTEXT, "i31Value", TEST);
        if (graph.aux(v) == 0) {
            code.loadConstant(Integer.MAX_VALUE).iand();
        }
    }
}
