;; Every way to fail, at any depth of calls; loops without end; work that can be checked.
(module $faults
  (type $none (func))
  (import "host" "touch" (func $touch (param i32) (result i32)))
  (memory (export "memory") 2 100)
  (table 2 funcref)
  (elem (i32.const 1) $wrong)
  (func $wrong (param i32))

  ;; kind: 0 unreachable, 1 division, 2 overflow, 3 load, 4 store, 5 null call, 6 call of another type, 7 conversion,
  ;; 8 no stack, 9 exception of the host; else returns the depth
  (func $fail (export "fail") (param $kind i32) (param $depth i32) (result i32)
    (if (local.get $depth)
      (then (return (i32.add (i32.const 1) (call $fail (local.get $kind) (i32.sub (local.get $depth) (i32.const 1)))))))
    (block $9 (block $8 (block $7 (block $6 (block $5 (block $4 (block $3 (block $2 (block $1 (block $0 (block $good
      (br_table $0 $1 $2 $3 $4 $5 $6 $7 $8 $9 $good (local.get $kind)))
      (return (i32.const 0)))
      unreachable)
      (return (i32.div_u (i32.const 1) (local.get $depth))))
      (return (i32.div_s (i32.const 0x80000000) (i32.sub (local.get $depth) (i32.const 1)))))
      (return (i32.load offset=0x20000 (local.get $depth))))
      (i64.store offset=0xfffffff0 (i32.const 0x7fffffff) (i64.const 1))
      (return (i32.const 0)))
      (call_indirect (type $none) (i32.const 0))
      (return (i32.const 0)))
      (call_indirect (type $none) (i32.const 1))
      (return (i32.const 0)))
      (return (i32.trunc_f64_s (f64.const nan))))
      (return (call $deeper (i32.const 0))))
    (call $touch (i32.const -1)))

  (func $deeper (param i32) (result i32)
    (i32.add (i32.const 1) (call $deeper (i32.add (local.get 0) (i32.const 1)))))

  (func (export "spin") (local $n i64)
    (loop $on
      (local.set $n (i64.add (local.get $n) (i64.const 1)))
      (i64.store (i32.const 0) (local.get $n))
      (br $on)))

  ;; loops through the host
  (func (export "touchAll") (param $times i32) (result i32) (local $sum i32)
    (block $done
      (loop $on
        (br_if $done (i32.eqz (local.get $times)))
        (local.set $sum (i32.add (local.get $sum) (call $touch (local.get $times))))
        (local.set $times (i32.sub (local.get $times) (i32.const 1)))
        (br $on)))
    (local.get $sum))

  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
