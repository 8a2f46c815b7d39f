import { describe, expect, it } from '@jest/globals'
import {
  idList,
  namesPhases,
  numeral,
  phaseLabel,
  phaseReferences,
} from '../../../src/core/text/phase-label.ts'

describe('the name of a phase', () => {
  it.each([
    ['Phase 1: A', '1', 'A', true],
    ['🎯 阶段 1: 架构', '1', '架构', true],
    ['第十二阶段：收尾', '12', '收尾', true],
    ['Phase MLX-1 — Port', 'MLX-1', 'Port', true],
    ['PHASE 0-1 - Both', '0-1', 'Both', true],
    ['Phase 1 Acceptance', '1', 'Acceptance', false],
  ])('%s', (text, id, title, separated) => {
    expect(phaseLabel(text)).toMatchObject({ id, title, separated })
  })

  it.each(['Phases', 'Current Phase', 'Phased roll-out', 'New Files (Phase 1)', 'Phase a thing', ''])(
    '%j names none',
    (text) => {
      expect(phaseLabel(text)).toBeUndefined()
    },
  )
})

describe('references to phases', () => {
  it.each([
    ['Phase 1, 2 and 3b', ['1', '2', '3b']],
    ['Phases 2–5 complete', ['2', '3', '4', '5']],
    ['阶段 1-3 完成', ['1', '2', '3']],
    ['切片 0', ['0']],
    ['Phase A', ['A']],
    ['the tables of the first run', []],
  ])('%s', (text, ids) => {
    expect(phaseReferences(text).ids).toEqual(ids)
  })

  it('knows when all are meant', () => {
    expect(phaseReferences('all previous phases').all).toBe(true)
  })

  it('expands a range no further than a plan is long', () => {
    expect(idList('1-9999')).toEqual(['1-9999'])
  })
})

describe('numerals and section titles', () => {
  it.each([
    ['三', '3'],
    ['十', '10'],
    ['二十一', '21'],
    ['1a', '1a'],
  ])('%s is %s', (text, number) => {
    expect(numeral(text)).toBe(number)
  })

  it('tells a section of phases from one that mentions a phase', () => {
    expect(['Phases', '分阶段任务', 'FASES DO PROJETO', 'All Phases Completed ✅'].map(namesPhases)).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(['Phase 1: A', 'New Files (Phase 1)', 'Tasks'].map(namesPhases)).toEqual([false, false, false])
  })
})
