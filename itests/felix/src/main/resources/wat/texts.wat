;; Strings and bytes both ways. The allocator never reuses memory; it counts what is out.
(module $texts
  (import "dictionary" "lookUp" (func $lookUp (param i32 i32) (result i64)))
  (import "dictionary" "raw" (func $raw (param i32 i32 i32) (result i64)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 16))
  (global $taken (mut i32) (i32.const 0))
  (global $ready (mut i32) (i32.const 0))

  (func (export "_initialize") (global.set $ready (i32.const 1)))

  (func $alloc (export "sallyport_alloc") (param $size i32) (result i32) (local $at i32)
    (if (i32.eqz (global.get $ready)) (then unreachable))
    (local.set $at (global.get $top))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (block $fits
      (loop $more
        (br_if $fits (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
        (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (return (i32.const 0))))
        (br $more)))
    (global.set $taken (i32.add (global.get $taken) (i32.const 1)))
    (local.get $at))
  (func (export "sallyport_free") (param i32 i32)
    (global.set $taken (i32.sub (global.get $taken) (i32.const 1))))
  (func (export "taken") (result i32) (global.get $taken))

  ;; the host's answer lies in a buffer of ours already: pass it on
  (func (export "translate") (param i32 i32) (result i64)
    (call $lookUp (local.get 0) (local.get 1)))
  (func (export "reverse") (param i32 i32) (result i64)
    (call $raw (local.get 0) (local.get 1) (i32.const 7)))
  (func (export "isEmpty") (param i32 i32) (result i32)
    (i32.eqz (local.get 1)))
  (func (export "not") (param i32) (result i32)
    (select (i32.const 0) (i32.const 256) (local.get 0)))
  (func (export "mix") (param i32 i64 f32 f64) (result f64)
    (f64.add
      (f64.add (f64.convert_i32_s (local.get 0)) (f64.convert_i64_s (local.get 1)))
      (f64.mul (f64.promote_f32 (local.get 2)) (local.get 3)))))
