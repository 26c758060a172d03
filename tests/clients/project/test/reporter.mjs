export default class {
  onTestRunEnd(modules, errors, reason) {
    const lines = modules.flatMap((module) => [...module.children.allTests()].map((test) => {
      const { state, errors: why = [] } = test.result()
      return [module.relativeModuleId, test.fullName, state, ...why.map(({ message }) => message)].join(' | ')
    }))
    const failed = modules.flatMap((module) => module.errors().map(({ message }) => `${module.relativeModuleId} | ${message}`))
    console.log([...lines, ...failed].sort().join('\n'))
    console.log(reason, errors.map(({ message }) => message))
  }
}
